"""What a notebook needs to put a function's source in front of the reader.

The notebooks never type a function twice: they print the one the package runs. Its
docstring is left out because the prose around the cell has just said the same.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable

DEFINITION = ast.FunctionDef | ast.ClassDef


def show_source(*functions: Callable) -> None:
    """Print the source of each function without its docstring.

    >>> from dpo_edu.validation import require
    >>> show_source(require)
    def require(condition, message: str) -> None:
        if not condition:
            raise InputError(message)
    """
    print("\n\n".join(map(body, functions)))


def body(function: Callable) -> str:
    """Return the source of ``function`` without its docstring."""
    source = textwrap.dedent(inspect.getsource(function)).rstrip()
    lines = source.split("\n")  # as ast counts them; splitlines() cuts at more
    first = next(n for n in ast.walk(ast.parse(source)) if isinstance(n, DEFINITION))
    if ast.get_docstring(first) is not None:
        docstring = first.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)
