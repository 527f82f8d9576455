"""How values, calls and errors are put into words: short, exact, without a traceback.

Two values that differ are shown with as many digits as it takes to see the difference.
"""

import inspect
import traceback

import numpy as np

from ..validation import InputError
from .python_file import decoded
from .source import source
from .surroundings import TooMuchOutput

LONGEST = 160
ALL_DIGITS = 17
MEANINGS = {
    "NameError": "is an import missing at the top of the file, or a name misspelled?",
    "ModuleNotFoundError": "is the module's name misspelled? It may lie beside the "
    "file, too.",
    "BdbQuit": "there is nobody to type at a breakpoint(): remove it.",
    "GeneratorExit": "raise an Exception of another kind, or return.",
    "RecursionError": "the function calls itself and never stops.",
    "MemoryError": "it asked for more memory than there is; does a list grow for ever?",
    "OverflowError": "a number grew beyond what a float can hold; stay in log space.",
    "ZeroDivisionError": "a denominator became 0.",
    "UnboundLocalError": "a variable is used before it has a value.",
    "EOFError": "there is nobody to type: take values from the arguments, not input().",
}


def value(thing, digits: int = 6) -> str:
    """One value in a line: numbers to ``digits`` places, arrays as nested lists."""
    try:
        return _value(thing, digits)
    except Exception:  # lists that hold themselves, tensors that are no tensors
        return f"<{type(thing).__name__}>"


def _value(thing, digits: int) -> str:
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
    """A call in full, as Python where its arguments have one.

    Numbers have all their digits: 0.999999999 is not 1.0.
    """
    return f"{name}({', '.join(map(_argument, arguments))})"


def _argument(thing) -> str:
    try:
        return source(thing)
    except Exception:  # NoSource, and lists that hold themselves
        return value(thing, ALL_DIGITS)


def can_be_typed(arguments: tuple) -> bool:
    """All of ``arguments`` have a source."""
    try:
        return bool(source(arguments))
    except Exception:
        return False


def call_again(called: str, exercise: str) -> str:
    """The two lines that make the failing call again, whatever its arguments are."""
    which = called if called == exercise else f'{called}, "{exercise}"'
    return f"from dpo_edu.workbook import failing\n{called}(*failing({which}))"


def pair(got, wanted) -> tuple[str, str]:
    """Two values, with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12, ALL_DIGITS):
        one, other = value(got, digits), value(wanted, digits)
        if one != other:
            break
    if shortened(one) != shortened(other):
        return shortened(one), shortened(other)
    return _from_the_difference(one, other)


def _from_the_difference(one: str, other: str) -> tuple[str, str]:
    """Two long lines that begin alike, each from shortly before they differ."""
    letters = enumerate(zip(one, other, strict=False))
    alike = next((k for k, (a, b) in letters if a != b), min(len(one), len(other)))
    start = max(one.rfind(" ", 0, max(alike - LONGEST // 3, 0)), 0)
    before = "..." if start else ""
    return shortened(before + one[start:]), shortened(before + other[start:])


def explain(error: BaseException, function=None) -> str:
    """One sentence on ``error``, with the line of the learner's file if known."""
    where = _line(error, function)
    if isinstance(error, SystemExit):
        return f"it tried to leave Python{where}: remove exit(), quit() or sys.exit()"
    if isinstance(error, TooMuchOutput):
        return f"it prints far too much{where}: remove the print"
    name = shortened(type(error).__name__)
    if name == "OverflowError" and "int" in str(error):
        return f"it raised {name}{where}: {error}; take Python's integers, or floats"
    text = " ".join(str(error).split())[:200]
    message = f"it raised {name}{f': {text}' if text else ''}{where}"
    return f"{message}; {MEANINGS[name]}" if name in MEANINGS else message


def explain_loading(error: BaseException, path) -> str:
    """One sentence on why the file at ``path`` could not be loaded."""
    if isinstance(error, UnicodeError | SyntaxError | ValueError) and _undecoded(path):
        return "the file is not UTF-8 text; save it as UTF-8"
    if isinstance(error, SyntaxError) and error.lineno:
        text = shortened((error.text or "").strip())
        shown = f": `{text}`" if text else ""
        return f"line {error.lineno} is not Python yet, {error.msg}{shown}"
    words = explain(error, str(path))
    return f"the file cannot be loaded, {words}"


def _undecoded(path) -> bool:
    """The file is in UTF-16, or another encoding, or no text at all."""
    try:
        return "\0" in decoded(path.read_bytes())[0]
    except (InputError, OSError):
        return True


def _line(error: BaseException, function) -> str:
    """' (line 31)': the last line of the learner's own file on the way to the error."""
    if not isinstance(function, str):
        function = getattr(inspect.unwrap(function), "__code__", None)
        function = getattr(function, "co_filename", None)
    own = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == function
    ]
    return f" (line {own[-1]})" if own else ""
