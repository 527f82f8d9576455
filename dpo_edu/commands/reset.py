"""Put back the stub of an exercise or chapter as it was; your version is kept."""

from pathlib import Path

from ..validation import InputError, require
from ..workbook.catalogue import Chapter, find
from ..workbook.folder import (
    confirm,
    holds_all_stubs,
    keep_copy,
    lay_down,
    require_folder,
    shown,
    stub,
    write,
)
from ..workbook.python_file import decoded, function_source, tasks, with_function


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("what", metavar="NN|NAME", help="a chapter or an exercise")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args) -> int:
    """Keep a numbered copy in kept/ beside the file, then write the stub."""
    folder = require_folder()
    chapter = find(args.what)[0][0]
    path = folder.file(chapter)
    require(not path.is_dir(), f"{shown(path)} is a folder: remove it or rename it")
    if lay_down(folder, [] if path.exists() else [chapter]):
        print(f"{shown(path)} was missing; the stubs are there now")
        return 0
    if holds_all_stubs(chapter, path):
        print(f"nothing is written in {shown(path)}")
        return 0
    content = restored(chapter, args.what, path)
    question = f"Replace {args.what} in {shown(path)}? A copy of the file is kept."
    agreed = args.yes or confirm(question)
    require(agreed, "nothing was changed; to go ahead without being asked: --yes")
    print(f"your version is kept in {shown(keep_copy(path))}", flush=True)
    write(path, content)
    print(f"{shown(path)}: {args.what} is as it was in the beginning")
    return 0


def restored(chapter: Chapter, what: str, path: Path) -> bytes:
    """The learner's file with one stub put back, or the whole file as it was.

    Of the learner's text no other letter changes, byte order mark and line ends
    included. What would not be a file with that stub in it is an InputError.
    """
    pristine = stub(chapter)
    if what not in chapter.names:
        return pristine.encode()
    try:
        text, encoding = decoded(path.read_bytes())
        new = with_function(text, what, function_source(pristine, what))
        content = new.encode(encoding)
        require(what in tasks(content), "the stub would not be one there")
    except (InputError, UnicodeError) as error:
        whole = f"to begin the chapter anew: dpo-edu reset {chapter.number}"
        raise InputError(f"{shown(path)}: {error}; {whole}") from None
    return content
