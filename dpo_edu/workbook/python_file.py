"""A learner's file as Python: load it, find its functions, tell stubs, replace one."""

import ast
import sys
import types
from itertools import dropwhile
from pathlib import Path

from ..validation import InputError, require


def load_file(path: Path) -> types.ModuleType:
    """Run the file, whose name starts with a digit, as a module; no __pycache__ stays.

    Whatever the file raises, SyntaxError and SystemExit included, is passed on.
    """
    name = f"learner_{path.stem}"
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickle look themselves up there
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    return module


def functions(text: str | bytes) -> dict[str, ast.FunctionDef]:
    """The top-level functions of a Python file by name; InputError if it is not one."""
    nodes = _statements(text)
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


def tasks(text: str | bytes) -> list[str]:
    """The functions of a stub file that are exercises: those that raise at once."""
    return [name for name, node in functions(text).items() if _is_stub(node)]


def is_untouched(text: str | bytes) -> bool:
    """The file holds a docstring and imports, below them stubs, and nothing else."""
    below = dropwhile(_is_head, _statements(text))
    return all(isinstance(node, ast.FunctionDef) and _is_stub(node) for node in below)


def function_source(text: str, name: str) -> str:
    """The lines of one top-level function, decorators included."""
    first, last = _span(text, name)
    return "\n".join(text.splitlines()[first:last])


def with_function(text: str, name: str, source: str) -> str:
    """``text`` with function ``name`` replaced by ``source``, or added at the end."""
    if name not in functions(text):
        return f"{text.rstrip()}\n\n\n{source}\n"
    first, last = _span(text, name)
    lines = text.splitlines()
    return "\n".join([*lines[:first], *source.splitlines(), *lines[last:]]) + "\n"


def line_of(text: str, name: str) -> int:
    """Where the function starts, counted from 1; 1 if it is not there."""
    try:
        return _span(text, name)[0] + 1
    except InputError:
        return 1


def _statements(text: str | bytes) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except SyntaxError as error:
        raise InputError(
            f"line {error.lineno} is not Python yet: {error.msg}"
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, nesting
        raise InputError(f"it is not Python: {error}") from None


def _span(text: str, name: str) -> tuple[int, int]:
    found = functions(text)
    require(name in found, f"there is no function {name} in the file")
    node = found[name]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return first - 1, node.end_lineno or node.lineno


def _is_head(node: ast.stmt) -> bool:
    """An import or the docstring."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.Import | ast.ImportFrom)


def _is_stub(node: ast.FunctionDef) -> bool:
    """Its first statement raises NotImplementedError, bare or with "NAME: ..."."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    first = ast.unparse(body[0]) if body else ""
    error = "raise NotImplementedError"
    named = (f"{error}('{node.name}:", f'{error}("{node.name}:')
    return first in (error, f"{error}()") or first.startswith(named)
