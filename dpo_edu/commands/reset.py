"""Put back the pristine stub of an exercise or chapter; your version is kept."""

from ..validation import require
from ..workbook import sources, workspace
from ..workbook.asking import confirm
from ..workbook.catalogue import Chapter, find


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("what", metavar="NN|NAME", help="a chapter or an exercise")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args) -> int:
    """Keep a numbered copy in exercises/kept/, then write the stub."""
    folder = workspace.require_folder()
    chapter = find(args.what)[0][0]
    path = folder / chapter.file
    if not path.exists():
        workspace.write(path, workspace.stub(chapter))
        print(f"{path} was missing; the stubs are there now")
        return 0
    question = f"Replace {args.what} in {path}? A copy of the file is kept."
    agreed = args.yes or confirm(question)
    require(agreed, "nothing was changed; to go ahead without being asked: --yes")
    text = restored(chapter, args.what, path.read_text(encoding="utf-8"))
    print(f"your version is kept in {workspace.keep_copy(path)}")
    workspace.write(path, text)
    print(f"{path}: {args.what} is as it was in the beginning")
    return 0


def restored(chapter: Chapter, what: str, written: str) -> str:
    """The learner's text with one stub put back, or the whole pristine file."""
    stub = workspace.stub(chapter)
    if what not in chapter.names:
        return stub
    return sources.with_function(written, what, sources.function_source(stub, what))
