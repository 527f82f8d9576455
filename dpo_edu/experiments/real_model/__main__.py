"""``python -m dpo_edu.experiments.real_model [NAME ...]``: run by run, stored at once.

One process of one thread. NAME is a rule or a variation of the plan; all are done if
none is named. After each run the record of what is finished is stored.
"""

import sys
from time import monotonic

from ..grid import one_thread, store
from .plan import RULES, VARIATIONS, finished, tasks


def main(names=None) -> int:
    """Do what is not kept yet; 2 for an unknown name, 130 after Ctrl-C."""
    wanted = sys.argv[1:] if names is None else list(names)
    if unknown := {*wanted} - {*RULES, *VARIATIONS}:
        known = ", ".join((*RULES, *VARIATIONS))
        print(f"no run named {', '.join(sorted(unknown))}: {known}", file=sys.stderr)
        return 2
    one_thread()
    try:
        for (name, seed), (function, *arguments) in tasks().items():
            if not wanted or name in wanted:
                start = monotonic()
                function(*arguments)
                store("real_model", finished())
                minutes = (monotonic() - start) / 60
                print(f"{name}, seed {seed}: {minutes:.1f} min", flush=True)
    except KeyboardInterrupt:
        print("\nStopped: what is finished is stored.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
