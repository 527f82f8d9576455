"""Build the website of the course as a folder of files, in build/site.

It is made of the notebooks as they are stored, the pages in docs/, the exercises, the
lectures and the docstrings. Open build/site/index.html; no network is needed. A warning
and a link that leads nowhere are errors. See dpo_edu/publish/site.
"""

from pathlib import Path

from ..publish.site.build import build_site


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "--project", type=Path, default=Path(), help="folder of the course; default: ."
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/site"), help="where the site goes"
    )


def run(args) -> int:
    """Build the site and say how large it is."""
    build_site(args.project, args.out)
    files = [path for path in args.out.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{args.out / 'index.html'}  {len(files)} files, {size:.0f} MB")
    return 0
