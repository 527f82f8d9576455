"""The cheat sheet as a page that prints on one sheet of A4.

``python -m dpo_edu.publish.cheat_sheet`` writes ``build/cheat_sheet.html`` and, with
the Chromium of this machine, the PDF beside it. The text is ``docs/cheat_sheet.md``,
also a page of the documentation. This module does not know what the sheet says.
"""

import sys
from pathlib import Path

from ..files import write_atomically
from ..validation import InputError, require
from ..validation.extras import require_extra
from .assets import MATHJAX, TEMPLATES, asset, inline
from .pdf import open_browser

SOURCE, TARGET = Path("docs/cheat_sheet.md"), Path("build/cheat_sheet.html")
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>{style}</style>
<script>
window.MathJax = {{tex: {{inlineMath: [["$", "$"]]}}, svg: {{fontCache: "none"}}}};
</script>
<script>{mathjax}</script>
</head>
<body>
{body}
</body>
</html>
"""


def page(source: str) -> str:
    """The sheet as one HTML page that loads nothing."""
    require_extra("slides", "the sheet needs", "nbconvert")
    from nbconvert.filters import markdown2html  # takes a second to import

    title = source.split("\n")[0].lstrip("# ")
    style = (TEMPLATES / "template" / "cheat_sheet.css").read_text(encoding="utf-8")
    mathjax = inline(asset(MATHJAX, "tex-svg-full.js"))
    body = in_sections(markdown2html(source))
    return PAGE.format(title=title, style=style, mathjax=mathjax, body=body)


def in_sections(body: str) -> str:
    """The HTML with a box around each heading of second level and what follows it."""
    head, *parts = body.split("<h2")
    return head + "".join(f"<section><h2{part}</section>\n" for part in parts)


def print_sheet(html: Path) -> None:
    """Print the page beside it with the Chromium of this machine."""
    with open_browser() as browser:
        print_in(browser.new_page(), html)


def print_in(tab, html: Path) -> None:
    """Print the page in an open browser tab, once its formulas are drawn."""
    tab.goto(html.resolve().as_uri())
    tab.wait_for_function("window.MathJax?.startup?.promise")
    tab.evaluate("MathJax.startup.promise")
    paper = tab.pdf(prefer_css_page_size=True, print_background=True)
    write_atomically(html.with_suffix(".pdf"), paper)


def main() -> int:
    """Write the page and the PDF; a missing Chromium is one line, and exit code 2."""
    try:
        require(SOURCE.exists(), f"no {SOURCE} here: run this in the project's folder")
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(TARGET, page(SOURCE.read_text(encoding="utf-8")))
        print(TARGET)
        print_sheet(TARGET)
        print(TARGET.with_suffix(".pdf"))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
