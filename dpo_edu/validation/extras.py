"""What only some commands need: looked for first, and asked for in one line."""

from importlib.util import find_spec

from .refusal import require


def require_extra(extra: str, who_needs: str, *modules: str) -> None:
    """Raise ``InputError`` unless all ``modules``, which ``extra`` brings, are there.

    The line says ``who_needs`` them, as in "slides need", and how to install the extra.
    """
    missing = [name for name in modules if find_spec(name) is None]
    how = f"pip install 'dpo-edu[{extra}]', or in a clone pip install -e '.[{extra}]'"
    require(not missing, f"{who_needs} {', '.join(missing)}: {how}")
