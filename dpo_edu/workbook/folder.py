"""The learner's files: where they are, which of two is read, what is put there.

A learner writes in ``exercises/`` of a clone, where the tasks are, or in a copy of
them in ``answers/``, which git ignores. These files are the only state there is:
nothing here overwrites one without a copy of it in ``kept/``, and every write is
whole or not at all.
"""

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..files import write_atomically, write_new
from ..validation import InputError, require
from .catalogue import Chapter, chapters
from .python_file import is_untouched, tasks

ANSWERS, EXERCISES = "answers", "exercises"


def course_folder(name: str) -> Path:
    """Where the course keeps its ``exercises`` or ``solutions``.

    A wheel carries them inside the package; a clone has them beside it.
    """
    package = Path(__file__).parents[1]
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def stub(chapter: Chapter) -> str:
    """A chapter's exercises as the course gives them out.

    In a clone somebody may have written in the only text there is; then git has it
    still, or else this raises InputError: nobody's answer is ever given out as a task.
    """
    path = course_folder(EXERCISES) / chapter.file
    if holds_all_stubs(chapter, path):
        return path.read_text(encoding="utf-8")
    committed = _committed(path)
    words = f"{shown(path)} is not as the course gives it out; keep what you wrote"
    untouched = committed is not None and is_untouched(committed)
    require(untouched, f"{words}, then: {git_command(path)}")
    return committed or ""


def _committed(path: Path) -> str | None:
    """The text of a repository's own file in its last commit; None without git."""
    root, name = path.parent.parent, f"HEAD:./{path.parent.name}/{path.name}"
    try:
        words = ["git", "-C", str(root), "show", name]
        done = subprocess.run(words, capture_output=True, check=True)
        return done.stdout.decode()
    except (OSError, subprocess.CalledProcessError, UnicodeDecodeError):
        return None


def solution(chapter: Chapter) -> str:
    """The text of a chapter's solutions."""
    return (course_folder("solutions") / chapter.file).read_text(encoding="utf-8")


def holds_all_stubs(chapter: Chapter, path: Path) -> bool:
    """Nothing is written in the chapter's file, and no task was deleted from it."""
    return not is_written(path) and set(chapter.names) <= {*tasks(path.read_bytes())}


def is_written(path: Path) -> bool:
    """Somebody has written in this file: it holds more than imports and stubs.

    Its form decides, not a comparison with the course's text: in a clone there is no
    second copy and perhaps no git, and an untouched file of an older course must not
    look written. A file that cannot be read as Python counts: its check says why.
    """
    try:
        return not is_untouched(path.read_bytes())
    except (InputError, OSError):
        return True


@dataclass(frozen=True)
class Folder:
    """The places where a learner's files may be; new ones go to the first."""

    places: tuple[Path, ...]

    def file(self, chapter: Chapter) -> Path:
        """The file that is read: one that is written in, else one that is there.

        Within both the order of the places decides; so an untouched copy in answers/
        hides no work in exercises/.
        """
        found = [*self.written(chapter), *self.there(chapter)]
        return found[0] if found else self.places[0] / chapter.file

    def written(self, chapter: Chapter) -> list[Path]:
        """The chapter's files that somebody has written in; empty: not begun."""
        return [path for path in self.there(chapter) if is_written(path)]

    def stubs(self, chapter: Chapter) -> set[str]:
        """The chapter's exercises that are still stubs in the file that is read."""
        path = self.file(chapter)
        try:
            return {*tasks(path.read_bytes())} if path.is_file() else {*chapter.names}
        except InputError:
            return set()

    def remarks(self, selected: Iterable[Chapter]) -> list[str]:
        """A line for each chapter that is written in twice: which file is read."""
        return [
            f"{ANSWERS}/{chapter.file} is read, {EXERCISES}/{chapter.file} is not; "
            "you have written in both"
            for chapter in dict.fromkeys(selected)
            if len(self.written(chapter)) > 1
        ]

    def there(self, chapter: Chapter) -> list[Path]:
        """The chapter's files that exist, one for each place at most."""
        paths = [place / chapter.file for place in self.places]
        return [path for path in paths if path.is_file()]


def folder_in(directory: Path) -> Folder:
    """``answers/`` and ``exercises/`` in a directory, whether they exist or not."""
    return Folder((directory / ANSWERS, directory / EXERCISES))


def writable(folder: Folder) -> Folder:
    """The folder; where it may not be written, new answers go to the home directory.

    Such is a course that many people read in one place, as on a JupyterHub.
    """
    answers = folder.places[0]
    place = answers if answers.exists() else answers.parent
    if os.access(place, os.W_OK):
        return folder
    return Folder((Path.home() / ANSWERS, *folder.places))


def find_folder(start: Path | None = None) -> Folder | None:
    """The learner's folder in ``start`` or above, so notebooks/ works too; or None.

    Where the course may not be written, answers are in the home directory as well.

    A check runs what is in it. So a folder is passed over if another user has laid it
    down somewhere above, or in a place where everybody may write.
    """
    start = (start or Path.cwd()).resolve()
    for directory in (start, *start.parents):
        folder = folder_in(directory)
        files = [path for chapter in chapters() for path in folder.there(chapter)]
        owners = {path.stat().st_uid for path in (*files, *map(_parent, files))}
        if files and owners <= _trusted(start):
            return writable(folder)
    return None


def _parent(path: Path) -> Path:
    return path.parent


def _trusted(start: Path) -> set[int]:
    """The users whose code is run in ``start``: oneself, root, whose place it is."""
    if not hasattr(os, "getuid"):  # Windows keeps users apart by itself
        return {start.stat().st_uid}
    place = start.stat()
    everybodys = place.st_mode & stat.S_IWOTH
    return {os.getuid(), 0} | (set() if everybodys else {place.st_uid})


def require_folder() -> Folder:
    """The learner's folder, or an InputError that says how to get one."""
    folder = find_folder()
    if folder is None:
        raise InputError(
            "no answers or exercises here or above; to begin: dpo-edu next --here"
        )
    return folder


def lay_down(folder: Folder, selected: Iterable[Chapter]) -> list[Path]:
    """Write the stubs of chapters not begun to the first place; returns new files."""
    new = []
    for chapter in dict.fromkeys(selected):
        path = folder.places[0] / chapter.file
        if not path.exists() and not folder.written(chapter):
            write(path, stub(chapter))
            new.append(path)
    return new


def write(path: Path, content: str | bytes) -> None:
    """Replace a file at once: a reader sees the old text or the new, never half."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {path.parent} ({error.strerror})") from None
    write_atomically(path, content)


def keep_copy(path: Path) -> Path:
    """Copy a file to kept/NAME.N.py with the next free N; never over another copy."""
    kept = path.parent / "kept"
    for number in range(1, 10_000):
        copy = kept / f"{path.stem}.{number}.py"
        try:
            kept.mkdir(exist_ok=True)
            write_new(copy, path.read_bytes())
        except FileExistsError:
            if kept.is_dir():
                continue
            raise InputError(f"{shown(kept)} is a file, not a folder") from None
        return copy
    raise InputError(f"{shown(kept)} is full: delete some copies")


def git_command(path: Path) -> str:
    """What puts the repository's own file back, typed in the current directory."""
    root = path.parent.parent
    there = "" if root == Path.cwd() else f"-C {shlex.quote(str(root))} "
    return f"git {there}checkout -- {path.parent.name}/{path.name}"


def shown(path: Path) -> str:
    """The path, from the current directory on if it lies below that."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def confirm(question: str) -> bool:
    """Ask at the terminal; without a clear yes, or a terminal, the answer is no."""
    if not sys.stdin.isatty():
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, UnicodeError):  # Ctrl-D, or a key that is no letter here
        print()
        return False
