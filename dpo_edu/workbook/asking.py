"""Ask the person at the terminal; where there is none, the answer is no."""

import sys


def confirm(question: str) -> bool:
    """Yes or no; anything but a clear yes is a no."""
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
