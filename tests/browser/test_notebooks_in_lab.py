"""Every notebook, opened in JupyterLab, run from top to bottom and read from its model.

A look at the page misses errors in cells out of view; the model has them all.
Screenshots go to ``build/screenshots`` for a person to look at.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHOTS = ROOT / "build" / "screenshots"
MINUTE = 60_000

RUN_ALL = """async () => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await app.commands.execute('notebook:run-all-cells');
}"""
CELLS = """() => {
  const model = window.jupyterapp.shell.currentWidget.content.model;
  return Array.from(model.cells).map(cell => cell.toJSON());
}"""


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(3 * MINUTE)
    yield page
    page.close()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_in_lab(page, lab, path):
    page.goto(lab.format(path.name))
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.model")
    page.evaluate(RUN_ALL)
    code = [cell for cell in page.evaluate(CELLS) if cell["cell_type"] == "code"]
    for cell in code:
        errors = [out["evalue"] for out in cell["outputs"] if "evalue" in out]
        assert not errors, f"{errors} in the cell\n{cell['source']}"
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{path.stem}.png")
    sliders = page.get_by_role("slider").all()
    for number, slider in enumerate(sliders):
        move(page, slider, SHOTS / f"{path.stem}_slider{number}.png")
    assert bool(sliders) == any("interact(" in cell["source"] for cell in code)


def move(page, slider, screenshot: Path) -> None:
    """Press arrow keys on a slider; the picture it drives must become another one."""
    widget = slider.locator("xpath=ancestor::*[contains(@class, 'widget-interact')]")
    picture = widget.locator("img")
    before = picture.get_attribute("src")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([widget, before]) => ![null, before].includes("
        "widget.querySelector('img')?.getAttribute('src') ?? null)",
        arg=[widget.element_handle(), before],
    )
    widget.screenshot(path=screenshot)
