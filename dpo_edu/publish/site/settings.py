"""What the website is told: the order of its pages, and Sphinx's configuration.

While the repository has no address (``publish.preparation``), no button and no link
that needs it is drawn.
"""

from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from ... import __version__

HERE = Path(__file__).parent
MATHJAX = "mathjax.js"  # one file that needs no fonts; lectures carry the same
COLAB = "https://colab.research.google.com"

SECTIONS = {
    "Begin": ("notebooks/afternoon", "playground/about", "docs/course", "docs/install"),
    "Chapters": ("notebooks/[0-9][0-9]_*",),
    "Look up": (
        *("docs/cheat_sheet", "docs/formula_sheet", "docs/notation", "docs/glossary"),
        *("docs/claims", "docs/coverage"),
    ),
    "Your own pairs": ("docs/train", "docs/trainer_checks", "docs/speed"),
    "Practice and teach": (
        *("docs/practice", "exercises/index", "lectures/index", "docs/lecturers"),
    ),
    "The package": ("docs/package", "reference/index", "CONTRIBUTING", "CHANGELOG"),
}
"""Headings of the list on the left, each with its pages; others come last."""


def arranged(pages: Iterable[str]) -> dict[str, list[str]]:
    """Sort the names of ``pages`` into the sections; each page stands in one.

    >>> arranged(["docs/new", "notebooks/01_a"])
    {'Chapters': ['notebooks/01_a'], 'More': ['docs/new']}
    """
    left, sections = sorted(pages), {}
    for title, patterns in {**SECTIONS, "More": ("*",)}.items():
        chosen = [page for each in patterns for page in left if fnmatch(page, each)]
        left = [page for page in left if page not in chosen]
        if chosen:
            sections[title] = chosen
    return sections


def configuration(address: str) -> dict[str, object]:
    """All of Sphinx's settings; ``address`` is the repository's, or ``""``."""
    return {
        "project": "dpo_edu",
        "author": "The dpo_edu authors",
        "copyright": "The dpo_edu authors. Code: MIT. Text and figures: CC BY 4.0",
        "version": __version__,
        "extensions": ["myst_nb"],
        "exclude_patterns": ["extra"],
        "suppress_warnings": ["ref.python"],  # two modules may have a class of one name
        "nb_execution_mode": "off",  # shown as stored
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 3,
        "html_title": "dpo_edu",
        "html_theme": "sphinx_book_theme",
        "html_theme_options": theme_options(address),
        "html_static_path": ["static"],
        "html_css_files": ["site.css"],
        "html_extra_path": ["extra"],
        "html_show_sphinx": False,
        "mathjax_path": MATHJAX,
        "mathjax3_config": {"options": {"enableMenu": False}},
        "python_maximum_signature_line_length": 70,
    }


def theme_options(address: str) -> dict[str, object]:
    """What the theme shows; links to the repository only where its address is known."""
    options: dict[str, object] = {
        "show_navbar_depth": 1,
        "use_fullscreen_button": False,
        "show_toc_level": 2,
        "navbar_persistent": [],
    }
    if address:
        options |= {
            "repository_url": address,
            "use_repository_button": True,
            "use_issues_button": True,
            "launch_buttons": {"colab_url": COLAB},
        }
    return options
