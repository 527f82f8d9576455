"""Every lecture in a browser with the network off: formulas, pictures, room, paper.

Each slide is also saved to ``build/screenshots`` for a person to look at.
"""

import re
from pathlib import Path

import pytest

from dpo_edu.publish.decks import build_deck
from dpo_edu.publish.lecture import build
from dpo_edu.publish.pdf import print_page

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
CHAPTERS = sorted(path.stem for path in FOLDER.glob("[0-9]*.ipynb"))
SHORT_COURSES = ["one", "three_1", "three_2", "three_3"]
SHOTS = ROOT / "build" / "screenshots"
WIDTH, HEIGHT = 1280, 720

ALL_FRAGMENTS = """() => {
  while (Reveal.availableFragments().next) Reveal.nextFragment();
}"""
UNSEEN = ".notes, .notes *, mjx-assistive-mml, mjx-assistive-mml *"
"""Not on the slide: the speaker's notes, and MathJax's formulas for screen readers."""
LOWEST = f"""() => {{
  const inside = Reveal.getCurrentSlide().querySelectorAll('*:not({UNSEEN})');
  return Math.max(...Array.from(inside, node => node.getBoundingClientRect().bottom));
}}"""
PICTURES = """() => Array.from(
  Reveal.getCurrentSlide().querySelectorAll('img'), image => {
    const box = image.getBoundingClientRect();
    const shrunk = Math.min(
      box.height / image.naturalHeight, box.width / image.naturalWidth);
    return {
      pixels: image.naturalWidth,
      alone: !image.closest('.code-cell')?.querySelector('pre'),
      width: image.naturalWidth * shrunk,
      height: image.naturalHeight * shrunk,
    };
  })"""
"""Of each picture: its size as drawn inside its box, and is it all its cell shows?"""


def has_room(picture: dict) -> bool:
    """A picture alone is large or as wide as the slide; one below code is legible."""
    if picture["alone"]:
        return picture["height"] >= 350 or picture["width"] >= 0.9 * WIDTH
    return picture["height"] >= 200


def html(stem: str) -> str:
    """The lecture of a chapter, or one of a short course, from stored outputs."""
    if stem in SHORT_COURSES:
        return build_deck(stem.split("_")[0], FOLDER, stored=True)[stem]
    return build(FOLDER / f"{stem}.ipynb", stored=True)


@pytest.fixture(params=CHAPTERS + SHORT_COURSES)
def page(request, chromium, tmp_path):
    """The lecture opened from disk by a browser that is offline."""
    file = tmp_path / f"{request.param}.html"
    file.write_text(html(request.param), encoding="utf-8")
    view = {"width": WIDTH, "height": HEIGHT}
    context = chromium.new_context(offline=True, viewport=view)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function("window.Reveal?.isReady()", timeout=60_000)
    yield page
    context.close()


def test_every_slide_fits_and_needs_no_network(page):
    outside = [url for url in page.asked if not url.startswith(("file:", "data:"))]
    assert not outside
    name = Path(page.url.split("#")[0]).stem
    SHOTS.mkdir(parents=True, exist_ok=True)
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(ALL_FRAGMENTS)
        page.screenshot(path=SHOTS / f"{name}_slide{number + 1:02d}.png")
        assert page.evaluate(LOWEST) <= HEIGHT, f"slide {number + 1} overflows"
        for picture in page.evaluate(PICTURES):
            assert picture["pixels"], f"slide {number + 1}: the picture did not load"
            assert has_room(picture), f"slide {number + 1}: {picture}"
        page.keyboard.press("ArrowRight")


def test_formulas_are_drawn(page):
    drawn = page.evaluate("document.querySelectorAll('mjx-container svg').length")
    failed = page.evaluate("document.querySelectorAll('[data-mjx-error]').length")
    assert drawn > 10
    assert failed == 0
    text = page.evaluate("document.querySelector('.slides').innerText")
    assert not re.search(r"\$[^$\n]+\$", text), "a formula was left as source"


WITHOUT_NOTE = 2
"""So many slides of a lecture may say all by themselves, the title for one."""


def test_speaker_notes_are_there_and_off_the_slides(page):
    notes = page.evaluate(
        "Array.from(document.querySelectorAll('aside.notes'), note => note.textContent)"
    )
    slides = page.evaluate("Reveal.getTotalSlides()")
    assert len(notes) >= slides - WITHOUT_NOTE, f"{slides} slides, {len(notes)} notes"
    assert not any("<!--" in note for note in notes)
    shown = page.evaluate(
        "Array.from(document.querySelectorAll('aside.notes'),"
        " note => note.getBoundingClientRect().height)"
    )
    assert not any(shown)


SPEAKERS_NOTE = """(place => place.closest('.hidden') ? '' : place.innerText)(
  document.querySelector('.speaker-controls-notes .value'))"""
OWN_NOTE = """() => {
  const note = Reveal.getCurrentSlide().querySelector('aside.notes');
  return note ? note.innerText : '';
}"""


def test_the_speaker_sees_the_note_when_the_slide_comes(page):
    """In the real speaker's window, before the first fragment of every slide."""
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.wait_for_selector(".speaker-controls-notes .value", state="attached")
    seen = 0
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        horizontal, vertical = page.evaluate(
            f"(i => [i.h, i.v ?? 0])(Reveal.getIndices(Reveal.getSlides()[{number}]))"
        )
        page.evaluate(f"Reveal.slide({horizontal}, {vertical}, -1)")
        note = " ".join(page.evaluate(OWN_NOTE).split())
        speaker.wait_for_function(
            f"note => {SPEAKERS_NOTE}.split(/\\s+/).join(' ').trim() === note",
            arg=note,
            timeout=10_000,
        )
        seen += bool(note)
    assert seen >= 20 or "00_" in page.url


def test_a_mouse_alone_can_go_through_a_lecture(page):
    total, turned = page.evaluate("Reveal.getTotalSlides()"), 0
    while page.evaluate("!Reveal.isLastSlide() || Reveal.availableFragments().next"):
        page.click(".controls .navigate-right")
        turned += 1
        assert turned < 40 * total
    assert turned >= total - 1


def test_pdf_has_one_page_a_slide(page, tmp_path):
    total = page.evaluate("Reveal.getTotalSlides()")
    file = next(tmp_path.glob("*.html"))
    context = page.context.browser.new_context(offline=True)
    print_page(context.new_page(), file)
    context.close()
    printed = file.with_suffix(".pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == total
