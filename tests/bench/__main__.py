"""How fast is all this here, and beside TRL? ``python -m tests.bench [GROUP ...]``.

Not a test: tables to read. ``--write`` puts all of them into ``docs/speed.md``, with a
picture. Raw numbers are kept in ``build/bench.json``; ``--again`` shows those.
"""

import argparse
import json
import sys
from importlib.util import find_spec

from dpo_edu.validation import InputError, require

from . import page
from .rounds import ROOT, in_rounds

NUMBERS = ROOT / "build" / "bench.json"
NO_TRL = "TRL's rows are left out: pip install -e '.[trl]', then again"


def main() -> int:
    """Measure the groups asked for, print their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("group", nargs="*", help=f"of {', '.join(page.GROUPS)}")
    parser.add_argument("--rounds", type=int, default=3, help="of every row (3)")
    parser.add_argument("--write", action="store_true", help="docs/speed.md, .png")
    parser.add_argument("--again", action="store_true", help="the last run's numbers")
    args = parser.parse_args()
    try:
        require(args.rounds > 0, "--rounds must be 1 or more")
        groups = args.group or [*page.GROUPS]
        unknown = ", ".join({*groups} - page.GROUPS.keys())
        require(not unknown, f"no group {unknown}: there are {', '.join(page.GROUPS)}")
        return show(groups, args)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


def show(groups: list[str], args) -> int:
    """Tables of the groups, one after the other; then the page, if it is asked for."""
    with_trl = find_spec("trl") is not None
    if not with_trl:
        print(NO_TRL)
    numbers = json.loads(NUMBERS.read_text()) if NUMBERS.exists() else {}
    for name in groups:
        group = page.GROUPS[name]
        if not args.again:
            found = in_rounds(group.jobs(with_trl), args.rounds, name)
            numbers[name] = {"machine": page.machine(), "found": found}
            NUMBERS.parent.mkdir(exist_ok=True)
            NUMBERS.write_text(json.dumps(numbers))
        require(name in numbers, f"{name} was not measured yet: leave out --again")
        print(f"\n{name}\n\n{group.table(numbers[name]['found'])}", flush=True)
    if args.write:
        page.write(numbers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
