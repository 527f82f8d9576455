"""The website in Chromium: two widths, light and dark, and nothing asked of elsewhere.

Each page looked at is also saved to ``build/screenshots`` for a person to look at.
"""

from pathlib import Path

import pytest

from dpo_edu.publish.site.build import NEEDED, build_site

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
PAGES = (
    *("index", "notebooks/00_start_here", "notebooks/06_dpo_loss"),
    *("docs/formula_sheet", "docs/glossary", "docs/claims", "exercises/06_dpo_loss"),
    *("lectures/index", "reference/dpo_loss", "CHANGELOG"),
)
CONTRAST = """() => {
  const rgb = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = color => {
    const [r, g, b] = rgb(color).map(c => c / 255).map(
      c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const text = light(getComputedStyle(document.querySelector('article p')).color);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const [a, b] = [text, paper].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The whole website, built anew."""
    for needed in NEEDED:
        pytest.importorskip(needed, reason="the site needs: pip install -e '.[site]'")
    out = tmp_path_factory.mktemp("site") / "site"
    build_site(ROOT, out)
    return out


@pytest.fixture
def page(chromium, request):
    """A tab of the width and in the light that the test asks for."""
    size, light = getattr(request, "param", ("desktop", "light"))
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=light
    )
    page = context.new_page()
    page.asked, page.failed = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("pageerror", lambda error: page.failed.append(str(error)))
    page.view = f"{size}_{light}"
    yield page
    context.close()


def open_page(page, file: Path) -> None:
    """Open a page of the site and wait until its formulas are drawn."""
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    if page.evaluate("typeof MathJax !== 'undefined' && !!MathJax.startup"):
        page.evaluate("MathJax.startup.promise.then(() => true)")


@pytest.mark.parametrize(
    "page",
    [(size, light) for size in SIZES for light in ("light", "dark")],
    indirect=True,
    ids=lambda view: "-".join(view),
)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read(page, site, name):
    open_page(page, site / f"{name}.html")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"site_{name.replace('/', '_')}_{page.view}.png")
    outside = [url for url in page.asked if not url.startswith(("file:", "data:"))]
    assert not outside
    assert not page.failed
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not page.evaluate("document.querySelectorAll('[data-mjx-error]').length")
    assert page.evaluate(CONTRAST) >= 4.5
    theme = page.evaluate("document.documentElement.dataset.theme")
    assert theme == page.view.split("_")[1]


def test_formulas_and_pictures_of_every_chapter_are_drawn(page, site):
    for chapter in sorted((site / "notebooks").glob("*.html")):
        open_page(page, chapter)
        drawn = page.evaluate("document.querySelectorAll('mjx-container svg').length")
        assert drawn > 0, chapter.name
        assert not page.evaluate("document.querySelectorAll('[data-mjx-error]').length")
        lost = page.evaluate(
            "Array.from(document.querySelectorAll('article img'))"
            ".filter(image => !image.naturalWidth || !image.alt).length"
        )
        assert not lost, chapter.name
    assert not [url for url in page.asked if not url.startswith(("file:", "data:"))]


def test_a_predicted_output_opens_on_a_click(page, site):
    open_page(page, site / "notebooks" / "06_dpo_loss.html")
    folded = page.locator("details.hide").first
    output = folded.locator(".output").first
    assert not output.is_visible()
    folded.locator("summary").first.click()
    assert output.is_visible()


def test_an_answer_of_a_quiz_opens_on_a_click(page, site):
    open_page(page, site / "notebooks" / "06_dpo_loss.html")
    option = page.locator("details", has_text="Not quite.").first
    option.locator("summary").click()
    assert option.get_by_text("Not quite.").is_visible()


def test_readers_are_led_on(page, site):
    open_page(page, site / "notebooks" / "06_dpo_loss.html")
    page.locator("a.right-next").click()
    page.wait_for_url("**/07_dpo_gradient.html")
    page.locator("a.left-prev").click()
    page.wait_for_url("**/06_dpo_loss.html")


def test_search_finds_a_word(page, site):
    page.goto(f"{(site / 'search.html').as_uri()}?q=displacement")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("13" in title for title in found)


def test_a_lecture_opens_in_its_page(page, site):
    open_page(page, site / "lectures" / "index.html")
    assert not [url for url in page.asked if "06_dpo_loss" in url], "before a click"
    lecture = page.locator("section.lecture", has_text="06").first
    lecture.locator("summary").click()
    frame = lecture.frame_locator("iframe")
    frame.locator(".reveal .slides").wait_for()
    assert not [url for url in page.asked if not url.startswith(("file:", "data:"))]
