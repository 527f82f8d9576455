"""``python -m dpo_edu.experiments [--compare] [STEM ...]``: the stored grids again."""

import argparse
import sys
from time import monotonic

from .compared import CLOSE, largest_difference, where
from .grid import ON_REQUEST, one_thread, run, stems, store, stored
from .unfinished import forget


def main(words=None) -> int:
    """Run, then store or compare; 1 if a comparison differs, 130 after Ctrl-C."""
    known = (*stems(), *ON_REQUEST)
    parser = argparse.ArgumentParser(prog="python -m dpo_edu.experiments")
    parser.add_argument("stems", nargs="*", metavar="STEM", help=", ".join(known))
    parser.add_argument("--compare", action="store_true", help="store nothing")
    options = parser.parse_args(words)
    unknown = set(options.stems) - set(known)
    if unknown:
        parser.error(f"no grid named {', '.join(sorted(unknown))}: {', '.join(known)}")
    one_thread()
    wanted = options.stems or stems()
    try:
        different = [stem for stem in wanted if not _again(stem, options.compare)]
    except KeyboardInterrupt:
        print("\nStopped: a grid is stored whole or not at all.", file=sys.stderr)
        return 130
    return 1 if different else 0


def _again(stem: str, compare: bool) -> bool:
    """One grid: False where it was compared and differs."""
    start, before = monotonic(), stored(stem)
    results = run(stem)
    difference = largest_difference(results, before)
    if not compare:
        store(stem, results)
    forget(stem)
    done = "compared" if compare else "stored"
    minutes = (monotonic() - start) / 60
    print(f"{stem}: {done}, {minutes:.1f} min, largest difference {difference:.1e}")
    print("".join(f"{line}\n" for line in where(results, before)), end="")
    return not compare or difference <= CLOSE


if __name__ == "__main__":
    sys.exit(main())
