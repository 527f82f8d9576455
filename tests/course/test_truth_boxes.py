"""Where popular statements are wrong, the course says so, with a number."""

import json
import re
from pathlib import Path

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
PARTS = ("**Often said.**", "**A number that contradicts it.**", "**What is true.**")


def _boxes(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells)
    return [text for text in texts if PARTS[0] in text]


def test_there_are_not_too_many_and_each_is_whole():
    by_path = {path.stem: _boxes(path) for path in NOTEBOOKS}
    assert all(by_path[stem] for stem in ("06_dpo_loss", "11_training"))
    boxes = [box for found in by_path.values() for box in found]
    for box in boxes:
        assert all(part in box for part in PARTS), box
        assert re.search(r"\d", box.split(PARTS[1])[1]), box


def test_wrong_numbers_appear_only_where_they_are_called_wrong():
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        for cell in cells:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown" and re.search("0.6762|0.2686", text):
                assert re.search("wrong|printed|often said|print", text, re.I), text
