"""Make one lecture per notebook, each a single HTML file in build/slides.

Open it in a browser; no network is needed. Key S opens the speaker's view, with notes.
--pdf prints the same slides through Chromium. What a lecture is made of: dpo_edu/slides
"""

import os
import shutil
from importlib import import_module
from pathlib import Path

from ..slides.lecture import build
from ..validation import InputError
from .notebooks import find


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument(
        "chapters", nargs="*", metavar="NN", help="chapter numbers; default: all"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("notebooks"), help="where notebooks lie"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/slides"), help="where slides go"
    )
    parser.add_argument(
        "--stored",
        action="store_true",
        help="take the stored outputs instead of running the notebook: fast, coarse",
    )
    parser.add_argument("--pdf", action="store_true", help="print a PDF of each too")


def run(args) -> int:
    """Build the lectures, one ``NN_stem.html`` (and PDF) each."""
    args.out.mkdir(parents=True, exist_ok=True)
    for path in find(args.folder, args.chapters):
        page = args.out / f"{path.stem}.html"
        page.write_text(build(path, args.stored), encoding="utf-8")
        print(f"{page}  {page.stat().st_size / 1e6:.1f} MB", flush=True)
        if args.pdf:
            print_pdf(page)
            print(page.with_suffix(".pdf"), flush=True)
    return 0


def print_pdf(page: Path) -> None:
    """Print the slides of ``page`` beside it with the Chromium of this machine."""
    try:
        sync_playwright = import_module("playwright.sync_api").sync_playwright
    except ImportError:
        raise InputError("PDFs need playwright: pip install -e '.[browser]'") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        print_page(browser.new_page(), page)
        browser.close()


def print_page(tab, page: Path) -> None:
    """Print ``page`` in an open browser tab once reveal.js has laid out the paper."""
    tab.goto(f"{page.resolve().as_uri()}?print-pdf")
    tab.wait_for_selector(".pdf-page")
    tab.pdf(
        path=page.with_suffix(".pdf"), prefer_css_page_size=True, print_background=True
    )


def chromium() -> dict:
    """How playwright starts the system's Chromium; refuses if there is none.

    Chromium does not run its sandbox as root, as in a container; others keep it.
    """
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise InputError("no Chromium on this machine: apt-get install chromium")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {"executable_path": path, "args": ["--no-sandbox"] if as_root else []}
