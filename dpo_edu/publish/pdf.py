"""Pages on paper, printed by the Chromium of this machine."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from ..files import write_atomically
from ..validation import InputError
from ..validation.extras import require_extra


def print_pdf(page: Path) -> None:
    """Print the slides of ``page`` beside it with the Chromium of this machine."""
    with open_browser() as browser:
        print_page(browser.new_page(), page)


@contextmanager
def open_browser() -> Generator:
    """The Chromium of this machine, without a window; closed at the end."""
    require_extra("browser", "PDFs need", "playwright")
    sync_playwright = import_module("playwright.sync_api").sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium())
        try:
            yield browser
        finally:
            browser.close()


def print_page(tab, page: Path) -> None:
    """Print ``page`` in an open browser tab once reveal.js has laid out the paper."""
    tab.goto(f"{page.resolve().as_uri()}?print-pdf")
    tab.wait_for_selector(".pdf-page")
    paper = tab.pdf(prefer_css_page_size=True, print_background=True)
    write_atomically(page.with_suffix(".pdf"), paper)


def chromium() -> dict:
    """How playwright starts the system's Chromium; refuses if there is none.

    Chromium does not run its sandbox as root, as in a container; others keep it.
    """
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise InputError("no Chromium on this machine: apt-get install chromium")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {"executable_path": path, "args": ["--no-sandbox"] if as_root else []}
