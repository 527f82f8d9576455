"""Sphinx turns the pages that were laid down into a website; a warning is an error."""

import io
import re
import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from ...validation import require
from ...validation.extras import require_extra
from ..decks import plans
from ..preparation import repository
from .formulas import keep_aligned
from .links import dead_links
from .pages import notebook_page, with_links
from .settings import configuration
from .sources import lay_down

NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme")


def build_site(project: Path, out: Path, decks: Iterable[str] | None = None) -> None:
    """Build the website of the course in the folder ``project`` into ``out``.

    ``decks`` are the short courses on it; all, if none are named. What stood in ``out``
    is replaced. Raises InputError where the extra ``site`` is not installed, for the
    first warnings of Sphinx, and for links that lead nowhere.
    """
    require_extra("site", "the site needs", *NEEDED)
    sources = out.with_name(f"{out.name}-sources")
    for old in (sources, out):
        shutil.rmtree(old, ignore_errors=True)
    lay_down(project, sources, plans() if decks is None else decks)
    run_sphinx(sources, out, repository(project))
    dead = dead_links(out)
    more = f" and {len(dead) - 3} more" if len(dead) > 3 else ""
    require(not dead, f"links that lead nowhere: {'; '.join(dead[:3])}{more}")


def run_sphinx(sources: Path, out: Path, address: str) -> None:
    """Build the pages in ``sources`` into ``out``; InputError for any warning."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    said = io.StringIO()
    with docutils_namespace():  # so that a process can build a second site
        app = Sphinx(
            sources.resolve(),
            None,  # no conf.py: the settings come from here
            out.resolve(),
            sources.resolve() / ".doctrees",
            "html",
            confoverrides=configuration(address),
            status=None,
            warning=said,
        )
        app.connect("source-read", partial(read_page, sources, address))
        app.connect("doctree-read", keep_aligned)
        app.build()
    warnings = re.sub(r"\x1b\[[0-9;]*m", "", said.getvalue()).strip()  # colors
    require(not warnings, f"Sphinx warns: {warnings[:1500]}")


def read_page(sources: Path, address: str, app, page: str, content: list[str]) -> None:
    """Give Sphinx the page as it is to be read, in place: the event ``source-read``."""
    file = Path(app.env.doc2path(page))
    if file.suffix == ".ipynb":
        content[0] = notebook_page(content[0], file.stem, doors(sources, file.stem))
    if not page.startswith("reference/"):
        content[0] = with_links(content[0], page, partial(_is_there, sources), address)


def _is_there(sources: Path, path: str) -> bool:
    return (sources / path).exists()


def doors(sources: Path, stem: str) -> str:
    """The line under a chapter's title: its lecture and its exercises."""
    ways = []
    if (sources / "extra" / "lectures" / f"{stem}.html").exists():
        ways.append(f'<a href="../lectures/{stem}.html">The lecture as slides</a>')
    if (sources / "exercises" / f"{stem}.md").exists():
        ways.append(f'<a href="../exercises/{stem}.html">The exercises</a>')
    return f'<p class="doors">{" · ".join(ways)}</p>' if ways else ""
