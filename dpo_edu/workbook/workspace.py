"""The learner's folder: where it is, laying it down, keeping copies before a change.

The learner's files are the only state there is. Nothing here overwrites one without
a copy of it in ``exercises/kept/``, and every write is whole or not at all.
"""

import os
from pathlib import Path

from ..validation import InputError
from .catalogue import STORED, Chapter, chapters

FOLDER = "exercises"


def find_folder(start: Path | None = None) -> Path | None:
    """The exercises folder at ``start`` or above, so notebooks/ works too; or None."""
    start = (start or Path.cwd()).resolve()
    for parent in (start, *start.parents):
        for folder in (parent / FOLDER, parent):
            if folder.name == FOLDER and any(has(folder, c) for c in chapters()):
                return folder
    return None


def require_folder() -> Path:
    """The exercises folder, or an InputError that says how to get one."""
    folder = find_folder()
    if folder is None:
        raise InputError("no exercises folder here or above; run: dpo-edu next")
    return folder


def has(folder: Path, chapter: Chapter) -> bool:
    """The learner's folder has this chapter's file."""
    return (folder / chapter.file).is_file()


def stub(chapter: Chapter) -> str:
    """The pristine text of a chapter's exercises."""
    return (STORED / "exercises" / chapter.file).read_text(encoding="utf-8")


def solution(chapter: Chapter) -> str:
    """The text of a chapter's solutions."""
    return (STORED / "solutions" / chapter.file).read_text(encoding="utf-8")


def is_pristine(folder: Path, chapter: Chapter) -> bool:
    """Nothing was written in this chapter yet (a missing file counts as that)."""
    if not has(folder, chapter):
        return True
    text = (folder / chapter.file).read_text(encoding="utf-8", errors="replace")
    return text.split() == stub(chapter).split()


def lay_down(folder: Path) -> list[Path]:
    """Write the stubs that are missing; existing files stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [chapter for chapter in chapters() if not has(folder, chapter)]
    for chapter in missing:
        write(folder / chapter.file, stub(chapter))
    return [folder / chapter.file for chapter in missing]


def write(path: Path, text: str) -> None:
    """Replace a file at once: a reader sees the old text or the new, never half."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8", newline="\n")
    os.replace(scratch, path)


def keep_copy(path: Path) -> Path:
    """Copy a file to kept/NAME.N.py with the next free N; never over another copy."""
    kept = path.parent / "kept"
    kept.mkdir(exist_ok=True)
    for number in range(1, 10_000):
        copy = kept / f"{path.stem}.{number}.py"
        try:
            with copy.open("xb") as file:  # "x": fail rather than overwrite
                file.write(path.read_bytes())
        except FileExistsError:
            continue
        return copy
    raise FileExistsError(f"{kept} is full")
