"""Every link between the pages of a built site leads to a file, and a place in it."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAMED = re.compile(r'<(?:a|img|script|link|iframe)\b[^>]*?\b(?:href|src)="([^"]*)"')


def dead_links(site: Path) -> list[str]:
    """``page: link`` for each link of a page below ``site`` that leads nowhere in it.

    Links to other hosts are not followed, and what the theme keeps is no page.
    """
    dead = []
    for page in sorted({*site.rglob("*.html")} - {*site.rglob("_static/*.html")}):
        for link in dict.fromkeys(NAMED.findall(_read(page))):
            if not _leads(link.replace("&amp;", "&"), page):
                dead.append(f"{page.relative_to(site)}: {link}")
    return dead


def _leads(link: str, page: Path) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = page.parent / unquote(parts.path) if parts.path else page
    if target.is_dir():
        target = target / "index.html"
    place = unquote(parts.fragment)
    is_slide = place.startswith("/")  # reveal.js counts slides behind the hash
    return target.exists() and (not place or is_slide or place in _places(target))


@cache
def _places(page: Path) -> set[str]:
    return set(re.findall(r'\b(?:id|name)="([^"]*)"', _read(page)))


@cache
def _read(page: Path) -> str:
    """The page without what its scripts hold."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"(?s)(<script\b[^>]*>).*?</script>", r"\1", text)
