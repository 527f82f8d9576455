"""Python files as text: find one function's lines, replace them, tell what changed."""

import ast

from ..validation import InputError, require


def functions(text: str) -> dict[str, ast.FunctionDef]:
    """The top-level functions of a Python file by name; InputError if it is not one."""
    try:
        nodes = ast.parse(text).body
    except SyntaxError as error:
        raise InputError(
            f"line {error.lineno} is not Python yet: {error.msg}"
        ) from None
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


def tasks(text: str) -> list[str]:
    """The functions of a stub file that are exercises: those that raise at once."""
    return [name for name, node in functions(text).items() if _is_stub(node)]


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


def docstring(text: str, name: str) -> str:
    """The docstring of one top-level function."""
    return ast.get_docstring(functions(text)[name]) or ""


def line_of(text: str, name: str) -> int:
    """Where the function starts, counted from 1; 1 if it is not there."""
    try:
        return _span(text, name)[0] + 1
    except InputError:
        return 1


def _span(text: str, name: str) -> tuple[int, int]:
    found = functions(text)
    require(name in found, f"there is no function {name} in the file")
    node = found[name]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return first - 1, node.end_lineno or node.lineno


def _is_stub(node: ast.FunctionDef) -> bool:
    """The first statement after the docstring raises NotImplementedError."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return bool(body) and "raise NotImplementedError" in ast.unparse(body[0])
