"""The lectures on the website: a file per deck, and a page that shows them all."""

import re
from collections.abc import Iterable
from pathlib import Path

from ...files import write_atomically
from ..decks import build_deck
from ..lecture import build

HEAD = """# Lectures

Each lecture is one HTML file that needs no network once you have it. Open it and go on
with the arrow keys. Key S opens the speaker's view, with notes, minutes and a clock.
"""
ENTRY = """<section class="lecture">
<h2>{title}</h2>
<p><a href="{file}">Open the slides</a> · <a href="{file}" download>Download</a></p>
<details ontoggle="const f = this.querySelector('iframe'); f.src ||= f.dataset.src">
<summary>Look at them here</summary>
<iframe data-src="{file}" title="Slides: {title}"></iframe></details>
</section>
"""


def lay_decks(
    notebooks: list[Path], decks: Iterable[str], slides: Path, out: Path
) -> None:
    """Write a lecture per notebook, and the short courses ``decks``, into ``out``.

    A file of ``slides`` serves if it is newer than its notebook. The others are built
    from the stored outputs, whose pictures have the resolution of a screen.
    """
    out.mkdir(parents=True, exist_ok=True)
    for deck in decks:
        for stem, page in build_deck(deck, notebooks[0].parent, stored=True).items():
            write_atomically(out / f"short_{stem}.html", leading_to_pages(page))
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


def lectures_page(decks: Path) -> str:
    """The page that lists the files in ``decks``, each with a frame that opens.

    A frame has no page until somebody unfolds it: browsers load lazy frames early.
    """
    entries = [HEAD]
    for file in sorted(decks.glob("*.html")):
        (title,) = re.findall("<title>(.*?)</title>", file.read_text("utf-8"))[:1]
        entries.append(ENTRY.format(title=title, file=file.name))
    return "\n".join(entries)
