"""``python -m dpo_edu.trainer_checks ADAPTER``: a line per check; 1 if one found.

ADAPTER is a dotted name or a file, as for pytest's ``--trainer``.
"""

import argparse
import sys
import textwrap

from ..validation import InputError
from .adapter import Trainer


def main(arguments: list[str] | None = None) -> int:
    """Run all checks and print what they found."""
    parser = argparse.ArgumentParser(prog="python -m dpo_edu.trainer_checks")
    parser.add_argument("adapter", help="my_package.my_adapter, or the path of a file")
    name = parser.parse_args(arguments).adapter
    try:
        trainer = Trainer(name)
        from .examination import check_up  # torch, once the adapter is there

        found = check_up(trainer)
    except InputError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    for each in found:
        print(f"{each.verdict:10} {each.check}")
        if each.message:
            print(textwrap.indent(textwrap.fill(each.message, 76), " " * 11))
    counts = {kind: [f.verdict for f in found].count(kind) for kind in _KINDS}
    print(", ".join(f"{n} {kind}" for kind, n in counts.items() if n))
    return int(any(f.verdict in ("found", "failed") for f in found))


_KINDS = ("right", "found", "failed", "not asked")

if __name__ == "__main__":
    sys.exit(main())
