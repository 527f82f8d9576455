"""How values and calls look in a message: short, and exact enough to tell apart."""

import numpy as np

LONGEST = 160


def value(thing, digits: int = 6) -> str:
    """One value in a line: numbers to ``digits`` places, arrays as nested lists."""
    if hasattr(thing, "detach"):
        return f"tensor({value(thing.detach().cpu().numpy(), digits)})"
    if isinstance(thing, np.ndarray | np.generic):
        return value(thing.tolist(), digits)
    if isinstance(thing, float):
        return repr(float(f"{thing:.{digits}g}"))
    if isinstance(thing, list):
        return f"[{', '.join(value(entry, digits) for entry in thing)}]"
    if isinstance(thing, tuple):
        return f"({', '.join(value(entry, digits) for entry in thing)})"
    return " ".join(_represented(thing).split())


def _represented(thing) -> str:
    """``repr``, or the bare type: Python refuses to print integers of 4301 digits."""
    try:
        return repr(thing)
    except Exception:  # whatever a learner's own class may raise
        return f"<{type(thing).__name__}>"


def shortened(line: str) -> str:
    """At most ``LONGEST`` characters of ``line``, its end replaced by dots."""
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def call(name: str, arguments: tuple) -> str:
    """A call as one would type it: ``dpo_loss(tensor([-4.5]), ..., 0.1)``."""
    return shortened(f"{name}({', '.join(value(argument) for argument in arguments)})")


def pair(got, wanted) -> tuple[str, str]:
    """Two values, with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12, 17):
        shown = value(got, digits), value(wanted, digits)
        if shown[0] != shown[1]:
            break
    return shortened(shown[0]), shortened(shown[1])
