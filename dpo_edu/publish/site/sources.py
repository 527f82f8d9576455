"""All that the website shows, laid down in one folder with the repository's own paths.

Notebooks, texts and pictures are copied as they are; ``index.md``, exercises, lectures
and reference become pages here. Whatever lies in ``docs/`` and ``notebooks/`` is taken.
"""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from ...files import write_atomically
from ...validation import require
from ..assets import MATHJAX as MATHJAX_PACKAGE
from ..assets import asset
from ..notebook_files import find_chapters, read
from .lectures import lay_decks, lectures_page
from .reference import reference_pages
from .settings import HERE, MATHJAX, arranged

COPIED = ("notebooks/*.ipynb", "notebooks/images/*", "docs/*.*", "exercises/*.py")
TEXTS = ("CONTRIBUTING.md", "CHANGELOG.md")
PLAYGROUND = """# Playground

Move the numbers, and see what the loss, the best policy and a training run do. The
<a href="index.html">playground</a> is also a page of its own.

<iframe src="index.html" title="Playground" loading="lazy" class="playground"></iframe>
"""


def lay_down(project: Path, out: Path, decks: Iterable[str]) -> None:
    """Fill the new folder ``out`` with the pages of the course in ``project``.

    ``decks`` are the short courses that stand beside the chapters' lectures.
    """
    require((project / "docs").is_dir(), f"no docs in {project}: run this in a clone")
    notebooks = find_chapters(project / "notebooks", [])
    copy_files(project, out)
    lay_playground(project, out)
    lectures = out / "extra" / "lectures"
    lay_decks(notebooks, decks, project / "build" / "slides", lectures)
    pages = {
        **{f"exercises/{name}": page for name, page in exercise_pages(project).items()},
        "lectures/index": lectures_page(lectures),
        **{
            f"reference/{name}": page
            for name, page in reference_pages(project / "dpo_edu").items()
        },
    }
    for name, page in pages.items():
        write(out / f"{name}.md", page)
    write(out / "static" / MATHJAX, asset(MATHJAX_PACKAGE, "tex-svg-full.js"))
    write(out / "static" / "site.css", (HERE / "site.css").read_text("utf-8"))
    write(out / "index.md", first_page(out))


def copy_files(project: Path, out: Path) -> None:
    """Copy the files of the course that become pages, or stand on pages."""
    for pattern in COPIED:
        for file in sorted(project.glob(pattern)):
            target = out / file.relative_to(project)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    for name in TEXTS:
        shutil.copyfile(project / name, out / name)


def lay_playground(project: Path, out: Path) -> None:
    """Take the playground along, which is whole by itself, and a page about it."""
    if (project / "docs" / "playground" / "index.html").exists():
        target = out / "extra" / "playground"
        shutil.copytree(project / "docs" / "playground", target)
        write(out / "playground" / "about.md", PLAYGROUND)


def write(path: Path, text: str) -> None:
    """Write a page, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)


def exercise_pages(project: Path) -> dict[str, str]:
    """{file's stem: its page}, and the page ``index`` that lists them."""
    pages, listed = {}, []
    for file in sorted((project / "exercises").glob("[0-9][0-9]_*.py")):
        notebook = project / "notebooks" / f"{file.stem}.ipynb"
        title = read(notebook).cells[0].source.split("\n")[0].lstrip("# ")
        title = re.split(r"[:,]", title)[0]
        pages[file.stem] = EXERCISE.format(title=title, stem=file.stem)
        listed.append(f"- [{title}]({file.stem}.md)")
    names = "\n".join(pages)
    pages["index"] = EXERCISES.format(listed="\n".join(listed), names=names)
    return pages


EXERCISE = """# Exercises: {title}

Each docstring is the task. `dpo-edu next {stem:.2}` lays a copy down for you to
complete, and `dpo-edu check {stem:.2}` checks it and names your mistake. The chapter is
[{title}](../notebooks/{stem}.ipynb). {{download}}`Download the file <{stem}.py>`.

```{{literalinclude}} {stem}.py
:language: python
```
"""
EXERCISES = """# Exercises

Every chapter has a file of functions to write. The checks recognize wrong answers and
explain the mistake behind them.

{listed}

```{{toctree}}
:hidden:

{names}
```
"""


def first_page(out: Path) -> str:
    """``index.md`` with the list of all pages, without lines that link to none."""
    lines = (HERE / "index.md").read_text("utf-8").split("\n")
    kept = [line for line in lines if all(map(out_has(out), linked(line)))]
    own = [file for kind in ("md", "ipynb") for file in out.rglob(f"*.{kind}")]
    names = {file.relative_to(out).with_suffix("").as_posix() for file in own}
    tops = {name for name in names if is_listed(name)}
    trees = [tree(title, pages) for title, pages in arranged(tops).items()]
    return "\n".join([*kept, *trees])


def is_listed(name: str) -> bool:
    """Does a page stand in the list on the left? Exercises and reference unfold."""
    inside = name.startswith(("exercises/", "reference/", "extra/"))
    return not inside or name.endswith("/index")


def out_has(out: Path):
    """A function that tells whether a link of the first page leads somewhere."""
    return lambda link: (out / link).exists() or (out / "extra" / link).exists()


def linked(line: str) -> list[str]:
    """The files that a line of the first page links to."""
    found = re.findall(r'\]\(([^)#]+)|href="([^"#]+)"', line)
    return [re.sub(r"\.html$", ".md", one) if one else two for one, two in found]


def tree(title: str, pages: list[str]) -> str:
    """A section of the list on the left."""
    names = "\n".join(pages)
    return f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{names}\n```\n"
