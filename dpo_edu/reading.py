"""What a notebook needs to put a function's source in front of the reader.

The notebooks never type a function twice: they print the one the package runs. Its
docstring is left out because the prose around the cell has just said the same, and so
are the lines that only refuse unfit arguments, because they are not what is taught.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable

DEFINITION = ast.FunctionDef | ast.ClassDef


def show_source(*functions: Callable) -> None:
    """Print the source of each function without docstring and argument checks.

    >>> from dpo_edu.validation import require
    >>> show_source(require)
    def require(condition, message: str) -> None:
        if not condition:
            raise InputError(message)
    """
    print("\n\n".join(map(body, functions)))


def body(function: Callable) -> str:
    """Return the source of ``function`` without its docstring and argument checks."""
    source = textwrap.dedent(inspect.getsource(function)).rstrip()
    lines = source.split("\n")  # as ast counts them; splitlines() cuts at more
    first = next(n for n in ast.walk(ast.parse(source)) if isinstance(n, DEFINITION))
    for statement in reversed(first.body):
        said = statement is first.body[0] and ast.get_docstring(first) is not None
        if said or is_check(statement):
            del lines[statement.lineno - 1 : statement.end_lineno]
    return "\n".join(lines)


def is_check(statement: ast.stmt) -> bool:
    """Tell whether a statement only calls ``require`` or one of its like."""
    called = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return called and ast.unparse(statement.value.func).startswith("require")
