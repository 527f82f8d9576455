"""A learner's file as Python: load it, find its functions, tell stubs, replace one.

Lines are cut where Python cuts them, at line feeds and carriage returns;
``str.splitlines`` would cut at U+2028 too, in the middle of somebody's string.
"""

import ast
import io
import sys
import tokenize
import types
import warnings
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


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(text: str | bytes) -> dict[str, Function]:
    """The top-level functions of a Python file by name; InputError if it is not one.

    Of several with one name it is the last, as for Python.
    """
    return {node.name: node for node in _functions(text)}


def defined_twice(text: str | bytes, name: str) -> str:
    """A remark where the file defines the function more than once, or ''."""
    lines = [str(node.lineno) for node in _functions(text) if node.name == name]
    if len(lines) < 2:
        return ""
    places = f"{', '.join(lines[:-1])} and {lines[-1]}"
    return f"`{name}` is defined {len(lines)} times (lines {places}): the last counts"


def _functions(text: str | bytes) -> list[Function]:
    return [node for node in _statements(text) if isinstance(node, Function)]


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
    return "".join(_lines(text)[first:last]).rstrip("\r\n")


def with_function(text: str, name: str, source: str) -> str:
    """``text`` with function ``name`` replaced by ``source``, or added at the end.

    The line ends are the text's own, and no other letter of it changes, but that of
    several functions with this name the last alone is left.
    """
    text = _without_earlier(text, name)
    lines = _lines(text)
    end = next((line[len(line.rstrip("\r\n")) :] for line in lines), "") or "\n"
    new = [f"{line}{end}" for line in source.split("\n")]
    if name in functions(text):
        first, last = _span(text, name)
        return "".join([*lines[:first], *new, *lines[last:]])
    return "".join([text.rstrip(), end * 3, *new])


def _without_earlier(text: str, name: str) -> str:
    """``text`` without all definitions of ``name`` but the last."""
    spans = [_lines_of(node) for node in _functions(text) if node.name == name]
    gone = {line for first, end in spans[:-1] for line in range(first, end)}
    lines = enumerate(_lines(text))
    return "".join(line for number, line in lines if number not in gone)


def decoded(content: bytes) -> tuple[str, str]:
    """(text, encoding) as Python reads a file: UTF-8, or what its first lines say.

    Raises InputError where the file is no such text.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding), encoding
    except (SyntaxError, UnicodeError) as error:
        raise InputError(f"it is not UTF-8 text: {error}") from None


def line_of(text: str | bytes, name: str) -> int:
    """Where the function starts, counted from 1; 1 if it is not there."""
    try:
        return _span(text, name)[0] + 1
    except InputError:
        return 1


def _statements(text: str | bytes) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of "\d" and the like; running it warns
            return ast.parse(text).body
    except SyntaxError as error:
        place = f"line {error.lineno}" if error.lineno else "it"
        raise InputError(f"{place} is not Python yet: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, nesting
        raise InputError(f"it is not Python: {error}") from None


def _lines(text: str) -> list[str]:
    """The lines as Python counts them, each with its end."""
    return list(io.StringIO(text, newline=""))


def _span(text: str | bytes, name: str) -> tuple[int, int]:
    """The lines of a function: the first, from 0, and the one after the last."""
    found = functions(text)
    require(name in found, f"there is no function {name} in the file")
    return _lines_of(found[name])


def _lines_of(node: Function) -> tuple[int, int]:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return first - 1, node.end_lineno or node.lineno


def _is_head(node: ast.stmt) -> bool:
    """An import or the docstring."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.Import | ast.ImportFrom)


def _is_stub(node: Function) -> bool:
    """Its first statement raises NotImplementedError, bare or with "NAME: ..."."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    first = ast.unparse(body[0]) if body else ""
    error = "raise NotImplementedError"
    named = (f"{error}('{node.name}:", f'{error}("{node.name}:')
    return first in (error, f"{error}()") or first.startswith(named)
