"""The scripts and styles of a lecture's page, read from where pip put them.

reveal.js and MathJax come inside wheels made for Sphinx; our own style sheet lies in
``template``. The page carries all of them inside itself.
"""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from ..validation import require

TEMPLATES = Path(__file__).parent
REVEAL, MATHJAX = "sphinx-revealjs", "sphinx-mathjax-offline"  # wheels with the scripts


def assets() -> dict[str, str]:
    """Read the scripts and styles that the page carries inside itself."""
    return {
        "style": asset(REVEAL, "dist/reveal.css")
        + (TEMPLATES / "template" / "lecture.css").read_text(encoding="utf-8"),
        "reveal": inline(asset(REVEAL, "dist/reveal.js")),
        "notes": inline(asset(REVEAL, "plugin/notes/notes.js")),
        "mathjax": inline(asset(MATHJAX, "tex-svg-full.js")),
    }


def asset(package: str, ending: str) -> str:
    """Read the one file of an installed ``package`` whose path has this ``ending``."""
    try:
        found = [file for file in files(package) or [] if str(file).endswith(ending)]
    except PackageNotFoundError:
        found = []
    require(found, f"slides need {package}: pip install 'dpo-edu[slides]'")
    return Path(str(found[0].locate())).read_text(encoding="utf-8")


def inline(script: str) -> str:
    """Escape what would end a ``<script>`` element, or open a comment inside one."""
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")
