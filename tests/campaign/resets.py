"""``reset NAME`` on odd files: no other byte changes, a copy is kept, it loads."""

import random
from pathlib import Path

from dpo_edu.validation import InputError
from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.folder import stub
from dpo_edu.workbook.python_file import tasks

from . import material
from .trial import RIGHT, bad, judged, run

TIMES = 120
NAME = "preference_probability"
ODD = [*"\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\ufeffπé\u202e"]
ENDS = ("\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252")


def cases(parent: Path):
    dice = random.Random(1)
    place = material.new_place(parent)
    path = place / "answers" / "01_bradley_terry.py"
    text = stub(chapters()[0])
    marker = f'raise NotImplementedError("{NAME}'
    line = next(line for line in text.split("\n") if marker in line)
    for number in range(TIMES):
        before, after = text.split(line)
        odd = "".join(dice.choices(ODD, k=3))
        before = dice.choice(["", f'NOTE = "{odd}"\n', f"# {odd}\n"]) + before
        after += dice.choice(["", f"\n# {odd}", f'\nX = """{odd}\n"""\n', "\f\n"])
        end, encoding = dice.choice(ENDS), dice.choice(ENCODINGS)
        wanted, written = (
            (before + middle + after).replace("\n", end).encode(encoding, "replace")
            for middle in (line, "    return 0.25")
        )
        path.write_bytes(written)
        ending = run(["reset", NAME, "--yes"], place)
        verdict = judged(ending, place)
        new = path.read_bytes()
        if verdict.kind == RIGHT:
            if new != wanted or NAME not in tasks(new):
                verdict = bad("another byte changed")
            copies = [copy.read_bytes() for copy in (place / "answers/kept").iterdir()]
            if written not in copies:
                verdict = bad("no copy was kept")
        elif new != written:
            verdict = bad("refused, and changed all the same")
        elif _is_python(written, encoding):
            verdict = bad(f"refused, although it is right: {verdict.words}")
        yield f"{number}: {encoding}, {end!r}, {odd!r}", verdict


def _is_python(content: bytes, encoding: str) -> bool:
    """A file that Python itself takes."""
    try:
        tasks(content)
    except InputError:
        return False
    return encoding.startswith("utf-8")
