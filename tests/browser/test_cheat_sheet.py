"""The cheat sheet, printed by a real browser: one sheet of A4, every formula drawn."""

import re
from pathlib import Path

from dpo_edu.publish import cheat_sheet

ROOT = Path(__file__).parents[2]
A4 = (595, 842)  # points


def test_it_is_one_sheet_of_a4(chromium, tmp_path):
    html = tmp_path / "sheet.html"
    html.write_text(cheat_sheet.page((ROOT / cheat_sheet.SOURCE).read_text("utf-8")))
    tab = chromium.new_context(offline=True).new_page()
    cheat_sheet.print_in(tab, html)
    paper = html.with_suffix(".pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert tuple(round(float(side)) for side in box.groups()) == A4
    assert tab.evaluate("document.querySelectorAll('mjx-container svg').length") > 20
    assert not tab.evaluate("document.querySelectorAll('[data-mjx-error]').length")
