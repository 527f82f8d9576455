"""The package's reference, made of its source: signatures, docstrings, and the code.

Nothing is imported. A docstring is text: paragraphs, formulas that are indented,
``code`` between double backticks, and examples after ``>>>``.
"""

import ast
import re
import textwrap
from pathlib import Path

from ... import CHAPTERS

LEFT_OUT = ("commands", "experiments", "publish", "data", "exercises", "solutions")
SPOILERS = ("workbook/checks", "workbook/known_wrong", "workbook/records")
SPECIAL = re.compile(r"([\\*_$<>\[\]{}^~|#])")  # what Markdown would act on


def reference_pages(package: Path) -> dict[str, str]:
    """{name of the page: Markdown} for every room of ``package``, and for the index."""
    pages = {room: room_page(package, room) for room in rooms(package)}
    first = {room: page.split("\n")[2] for room, page in pages.items()}
    chapters = [room for room in CHAPTERS if room in pages]
    others = [room for room in pages if room not in CHAPTERS]
    pages["index"] = INDEX.format(
        chapters=_listed(chapters, first),
        others=_listed(others, first),
        pages="\n".join([*chapters, *others]),
    )
    return pages


INDEX = """# The package, function by function

The reference is made of the docstrings. Chapters stand in reading order, and a chapter
imports earlier chapters only.

## Chapters

{chapters}

## Around them

{others}

```{{toctree}}
:hidden:

{pages}
```
"""


def _listed(names: list[str], first: dict[str, str]) -> str:
    return "\n".join(f"- [{name}]({name}.md): {first[name]}" for name in names)


def rooms(package: Path) -> list[str]:
    """The chapters in reading order, then the other modules and folders by name."""
    found = {path.stem for path in package.iterdir() if path.name[0] not in "._"}
    others = sorted(found - {*CHAPTERS, *LEFT_OUT})
    return [room for room in (*CHAPTERS, *others) if room in found]


def room_page(package: Path, room: str) -> str:
    """One page: the room's own words, then its files with what they define."""
    files = sorted((package / room).rglob("*.py")) or [package / f"{room}.py"]
    parts = []
    for file in files:
        name = file.relative_to(package.parent).with_suffix("").as_posix()
        if not any(f"/{spoiler}/" in f"/{name}/" for spoiler in SPOILERS):
            parts.append(module_part(file, name.replace("/", "."), room))
    return f"# {room}\n\n" + "\n\n".join(part for part in parts if part)


def module_part(file: Path, module: str, room: str) -> str:
    """What the file says of itself, and its public functions and classes."""
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    module = module.removesuffix(".__init__")
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and n.name[0] != "_"]
    words = as_markdown(ast.get_docstring(tree) or "")
    if module == f"dpo_edu.{room}":
        head = f"{words}\n\n`from {module} import ...`"
    else:
        head = f"## `{module.removeprefix('dpo_edu.')}`\n\n{words}" if public else ""
    return "\n\n".join([head, *(described(node, module, source) for node in public)])


def described(node, module: str, source: str) -> str:
    """A function or class as the directive that Sphinx draws and indexes."""
    kind = "class" if isinstance(node, ast.ClassDef) else "function"
    words = as_markdown(ast.get_docstring(node) or "")
    code = textwrap.dedent(ast.get_source_segment(source, node, padded=True) or "")
    return DESCRIBED.format(
        kind=kind, signature=signature(node), module=module, words=words, code=code
    )


DESCRIBED = """`````{{py:{kind}}} {signature}
:module: {module}

{words}

<details><summary>source</summary>

```python
{code}
```

</details>
`````"""


def signature(node) -> str:
    """``name(arguments) -> result`` as the source has it; of a class, its name."""
    if isinstance(node, ast.ClassDef):
        return node.name
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"


def as_markdown(docstring: str) -> str:
    """A docstring as Markdown that shows every character as it was written."""
    blocks = re.split(r"\n\s*\n", docstring.strip("\n"))
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: str) -> str:
    if block.startswith(">>>"):
        return f"```pycon\n{block}\n```"
    if block.startswith("    "):
        return f"```text\n{textwrap.dedent(block)}\n```"
    pieces = block.split("``")
    pieces[::2] = [SPECIAL.sub(r"\\\1", piece) for piece in pieces[::2]]
    pieces[1::2] = [f"`{' '.join(piece.split())}`" for piece in pieces[1::2]]
    return "".join(pieces)
