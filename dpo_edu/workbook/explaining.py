"""What went wrong when the learner's code raised, in a sentence without a traceback."""

import inspect
import traceback

MEANINGS = {
    "NameError": "is an import missing at the top of the file, or a name misspelled?",
    "ModuleNotFoundError": "is the module's name misspelled?",
    "RecursionError": "the function calls itself and never stops.",
    "MemoryError": "it asked for more memory than there is; does a list grow for ever?",
    "OverflowError": "a number grew beyond what a float can hold; stay in log space.",
    "ZeroDivisionError": "a denominator became 0.",
    "UnboundLocalError": "a variable is used before it has a value.",
    "EOFError": "there is nobody to type: take values from the arguments, not input().",
}


class TooMuchOutput(BaseException):
    """Printed more than the cap; not an Exception, so that no `except` hides it."""


def explain(error: BaseException, function=None) -> str:
    """One sentence on ``error``, with the line of the learner's file if known."""
    where = _line(error, function)
    if isinstance(error, SystemExit):
        return f"it tried to leave Python{where}: remove exit(), quit() or sys.exit()"
    if isinstance(error, TooMuchOutput):
        return f"it prints far too much{where}: remove the print"
    name = type(error).__name__
    text = " ".join(str(error).split())[:200]
    message = f"it raised {name}{f': {text}' if text else ''}{where}"
    return f"{message}; {MEANINGS[name]}" if name in MEANINGS else message


def explain_loading(error: BaseException, path) -> str:
    """One sentence on why the file at ``path`` could not be loaded."""
    if isinstance(error, SyntaxError):
        text = (error.text or "").strip()
        shown = f": `{text}`" if text else ""
        return f"line {error.lineno} is not Python yet, {error.msg}{shown}"
    if isinstance(error, UnicodeError):
        return "the file is not UTF-8 text; save it as UTF-8"
    words = explain(error, str(path))
    return f"the file cannot be loaded, {words}"


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
