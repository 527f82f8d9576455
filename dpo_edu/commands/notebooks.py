"""Run the course's notebooks and store what they print.

For whoever changes a notebook or the package under it. A notebook is committed with
its outputs; this command makes them the same byte for byte on every run: one thread,
no timing, no version numbers, cell ids that stay put. It refuses one that raises.
"""

from pathlib import Path

from ..files import require_writable
from ..publish.notebook_files import find
from ..publish.notebooks import execute


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    words = "chapter numbers, or afternoon; default: all"
    parser.add_argument("chapters", nargs="*", metavar="NN", help=words)
    parser.add_argument(
        "--folder", type=Path, default=Path("notebooks"), help="where they lie"
    )


def run(args) -> int:
    """Execute the chosen notebooks in place and say how large each became."""
    for path in find(args.folder, args.chapters):
        require_writable(path)
        print(f"{path} ...", flush=True)
        execute(path)
        print(f"{path}  {path.stat().st_size / 1024:.0f} KB")
    return 0
