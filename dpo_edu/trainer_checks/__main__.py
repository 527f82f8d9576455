"""``python -m dpo_edu.trainer_checks ADAPTER``: a line per check; 1 if one found.

ADAPTER is a dotted name or a file, as for pytest's ``--trainer``.
"""

import argparse
import sys
import textwrap

from ..validation import InputError
from .examination import check_up


def main(arguments: list[str] | None = None) -> int:
    """Run all checks and print what they found."""
    parser = argparse.ArgumentParser(prog="python -m dpo_edu.trainer_checks")
    parser.add_argument("adapter", help="my_package.my_adapter, or the path of a file")
    name = parser.parse_args(arguments).adapter
    try:
        found = check_up(name)
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
