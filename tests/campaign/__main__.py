"""python -m tests.campaign [GROUP ...]: does anything break, and is anything lost?

Runs the commands in odd surroundings, on odd files, with odd options, under signals and
kills: some minutes, outside of ``make test``. Prints for each group how many cases were
right, were refused in one line, or were bad: a traceback, a hang, a wrong result that
nobody is told of, a loss, something half-written. Exit code 1 if any was bad.

A group is a module here with ``cases(place)``: it yields (name, verdict) of each case,
a verdict of ``trial``. A new module joins by its name in ``GROUPS``.
"""

import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path

from .trial import BAD, REFUSED, RIGHT

GROUPS = (
    *("surroundings", "permissions", "signals", "kills", "corruption"),
    *("data", "options", "exports", "resets", "outsiders", "blind", "hostile"),
)


def main(names: list[str]) -> int:
    """Run the groups, print the table; 1 if anything was bad, 2 if unknown."""
    if unknown := {*names} - {*GROUPS}:
        print(f"no group {', '.join(sorted(unknown))}: {', '.join(GROUPS)}")
        return 2
    rows, bad = [], []
    for name in names or GROUPS:
        counts, began = Counter(), time.monotonic()
        with tempfile.TemporaryDirectory() as place:
            Path(place).chmod(0o755)
            for case, verdict in import_module(f".{name}", __package__).cases(
                Path(place)
            ):
                counts[verdict.kind] += 1
                if verdict.kind == BAD:
                    bad.append(f"{name}: {case}: {verdict.words}")
                    print(bad[-1], file=sys.stderr, flush=True)
        row = [counts.total(), counts[RIGHT], counts[REFUSED], counts[BAD]]
        rows.append((name, *row, time.monotonic() - began))
        print(f"{name} done", file=sys.stderr, flush=True)
    print(f"{'group':<14}{'tried':>7}{'right':>7}{'one line':>10}{'bad':>5}{'s':>6}")
    for name, tried, right, refused, wrong, seconds in rows:
        print(f"{name:<14}{tried:>7}{right:>7}{refused:>10}{wrong:>5}{seconds:>6.0f}")
    print(*bad, sep="\n")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
