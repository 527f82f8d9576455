"""The lectures on the website: a file per deck, and a page that shows them all."""

import html
import re
from pathlib import Path

from ...files import write_atomically
from ..lecture import build
from ..notebook_files import read

HEAD = """# Lectures

Each lecture is one HTML file that needs no network once you have it. Open it and go on
with the arrow keys. Key S opens the speaker's view, with notes, minutes and a clock.
"""
ENTRY = """<section class="lecture">
<h2>{title}</h2>
<p><a href="{file}">Open the slides</a> · <a href="{file}" download>Download</a></p>
<details><summary>Look at them here</summary>
<iframe src="{file}" title="Slides: {title}" loading="lazy"></iframe></details>
</section>
"""


def lay_decks(notebooks: list[Path], slides: Path, out: Path) -> None:
    """Write a deck per notebook into ``out``: the one in ``slides``, or a coarse one.

    A deck of ``slides`` serves if it is newer than its notebook. The others are built
    from the stored outputs, whose pictures have the resolution of a screen.
    """
    out.mkdir(parents=True, exist_ok=True)
    for path in notebooks:
        ready = slides / f"{path.stem}.html"
        fresh = ready.exists() and ready.stat().st_mtime > path.stat().st_mtime
        page = ready.read_text("utf-8") if fresh else build(path, stored=True)
        write_atomically(out / f"{path.stem}.html", leading_to_pages(page))


def leading_to_pages(deck: str) -> str:
    """The deck with its links to texts and exercises of the course turned to pages.

    The marks behind its headings, which nobody sees, lead nowhere on slides, and go.
    """
    deck = re.sub(r'(?s)<a class="anchor-link".*?</a>', "", deck)
    return re.sub(r'(<a href="\.\./[^"#]+)\.(?:md|py|ipynb)\b', r"\1.html", deck)


def lectures_page(notebooks: list[Path]) -> str:
    """The page that lists the decks of these notebooks, each with a frame that opens.

    A frame that is folded and loads lazily costs nothing until somebody opens it.
    """
    entries = []
    for path in notebooks:
        title = html.escape(read(path).cells[0].source.split("\n")[0].lstrip("# "))
        entries.append(ENTRY.format(title=title, file=f"{path.stem}.html"))
    return "\n".join([HEAD, *entries])
