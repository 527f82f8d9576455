"""Where popular statements are wrong, the course says so, with a number."""

import json
import re
from pathlib import Path

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
OFTEN, TRUE = "**Often said.**", "**What is true.**"
NUMBER = re.compile(r"\*\*A number (?:that contradicts|beside) it\.\*\*")
"""Beside it, where the statement is only read too widely, or is not borne out."""


def _boxes(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells)
    return [text for text in texts if OFTEN in text]


def test_there_are_not_too_many_and_each_is_whole():
    by_path = {path.stem: _boxes(path) for path in NOTEBOOKS}
    assert all(by_path[stem] for stem in ("06_dpo_loss", "11_training"))
    boxes = [box for found in by_path.values() for box in found]
    for box in boxes:
        said, number, true = map(box.find, (OFTEN, "**A number", TRUE))
        assert said < number < true, box
        assert NUMBER.match(box, number), box
        assert re.search(r"\d", box[number:true]), box


def test_wrong_numbers_appear_only_where_they_are_called_wrong():
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        for cell in cells:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown" and re.search("0.6762|0.2686", text):
                assert re.search("wrong|printed|often said|print", text, re.I), text
