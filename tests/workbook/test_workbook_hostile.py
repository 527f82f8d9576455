"""A file that disturbs Python disturbs nobody else, and costs one verdict at most."""

import builtins
import math

import pytest
import torch

from dpo_edu.validation import InputError
from dpo_edu.workbook import catalogue, process
from dpo_edu.workbook.folder import Folder, lay_down
from dpo_edu.workbook.report import DONE, NOT_YET
from dpo_edu.workbook.running import check_selection, select
from dpo_edu.workbook.surroundings import DTYPE_UNDONE, Surroundings

from .exercise_material import CHAPTERS, ROOT

FIRST = "preference_probability"
RIGHT = "import math\n\ndef {}(reward_i, reward_j):\n    {}\n    return "
RIGHT += "(1 + math.tanh((reward_i - reward_j) / 2)) / 2\n"


def chapter_file(place, stem, top="", more=""):
    """The chapter's solutions with something before and after."""
    file = CHAPTERS[stem].file
    solved = (ROOT / "solutions" / file).read_text("utf-8")
    doc, rest = solved.split('"""\n', 1)
    (place / file).write_text(f'{doc}"""\n{top}\n{rest}\n{more}\n', "utf-8")


def check(place, *names):
    report = check_selection(select(names), Folder((place,)), process.start_fresh)
    return {r.exercise: r for r in (*report.trouble, *report.results)}


def first(place, body):
    """What comes of this text as all of chapter 01's file."""
    (place / CHAPTERS["bradley_terry"].file).write_text(body, "utf-8")
    found = check(place, FIRST)
    return next(iter(found.values()))


TOP = """
import sys, builtins
import numpy as np
import torch
np.exp = np.log = np.where = abs
np.seterr(all="raise")
sys.modules["math"] = None
del builtins.sorted
torch.set_default_dtype(torch.float64)
torch.set_default_device("meta")
"""


def test_what_a_file_does_at_its_top_reaches_no_other_file(tmp_path, monkeypatch):
    monkeypatch.setitem(process.SECONDS, "load", 60)  # it imports torch
    chapter_file(tmp_path, "bradley_terry", more=TOP)
    chapter_file(tmp_path, "likelihood")
    mixed = """
def kto_loss(logp, ref_logp, desirable, kl, beta):
    sign = torch.where(desirable, 1.0, -1.0)
    return 1 - torch.sigmoid(beta * sign * (logp - ref_logp - kl))
"""
    chapter_file(tmp_path, "variants", more=mixed)
    alone = check(tmp_path, "kto_loss")
    both = check(tmp_path, "01", "02", "kto_loss")
    assert both["kto_loss"] == alone["kto_loss"]
    others = {name: r for name, r in both.items() if name != "kto_loss"}
    assert {r.verdict for r in others.values()} == {DONE}, [*map(str, others.values())]


def test_a_default_dtype_is_undone_and_a_note_says_so(tmp_path):
    body = "def dpo_loss(*logps):\n    return torch.tensor(0.5)\n"
    top = "import torch\ntorch.set_default_dtype(torch.float64)\n"
    (tmp_path / CHAPTERS["dpo_loss"].file).write_text(top + body, "utf-8")
    found = check(tmp_path, "dpo_loss")["dpo_loss"]
    assert found.note == DTYPE_UNDONE
    assert "give dtype=" in " ".join(str(found).split())


TURNED = """
def preference_probability(reward_i, reward_j):
    import decimal, os, random
    import numpy as np
    decimal.getcontext().prec = 1
    os.unlink(__file__)
    random.seed = random.getstate = None
    vars(np).clear()
    return 0.25

def compose_preferences(p_ab, p_bc):
    import numpy as np
    np.random.set_state = None
    return 0.25

def plackett_luce_nll(rewards):
    import sys
    sys._getframe(1).f_globals.clear()
    return 0.25
"""


def test_a_library_turned_upside_down_costs_one_exercise(tmp_path):
    chapter_file(tmp_path, "bradley_terry", more=TURNED)
    found = check(tmp_path, "01")
    assert found.pop(FIRST).verdict == NOT_YET
    assert found.pop("plackett_luce_nll").verdict == NOT_YET
    words = found.pop("compose_preferences").failure.broken
    assert "it replaces or deletes numpy.random.set_state, which" in words
    assert {r.verdict for r in found.values()} == {DONE}, [*map(str, found.values())]


def test_a_long_line_that_is_no_python_is_shortened(tmp_path):
    trouble = first(tmp_path, "(" * 5_000)
    assert len(trouble.failure.broken) < 300


def test_put_back_restores_what_was_replaced_and_deleted():
    before = Surroundings()
    math.exp = torch.Tensor.log = abs
    del builtins.sorted
    torch.set_default_device("meta")
    torch.set_default_dtype(torch.float64)
    assert before.put_back() == DTYPE_UNDONE
    assert sorted([2, 1]) == [1, 2]
    assert math.exp(0) == 1
    assert torch.zeros(1).exp().log().item() == 0
    assert torch.zeros(1).dtype == torch.float32


ODD_VALUES = {
    FIRST: "x = []; x.append(x); return x",
    "compose_preferences": "x = []\n    for _ in range(50_000): x = [x]\n    return x",
    "plackett_luce_nll": "return Odd()",
    "find_the_bug_expected_wins": "import builtins; del builtins.len, builtins.zip",
}
ODD = """
class Odd:
    def __repr__(self):
        raise RuntimeError
    def __float__(self):
        raise RuntimeError
    __array__ = __eq__ = __float__
"""


def test_a_value_that_cannot_be_shown_costs_one_exercise(tmp_path):
    more = "\n".join(
        f"def {name}(*_):\n    {body}\n" for name, body in ODD_VALUES.items()
    )
    chapter_file(tmp_path, "bradley_terry", more=ODD + more)
    found = check(tmp_path, "01")
    assert {found[name].verdict for name in ODD_VALUES} == {NOT_YET}
    assert found["predict_the_cycle"].verdict == DONE
    for name in ODD_VALUES:
        assert len(str(found[name]).splitlines()) < 14


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("breakpoint()", "nobody to type at a breakpoint()"),
        ("raise GeneratorExit", "it raised GeneratorExit"),
        ("raise type('Mine', (BaseException,), {})", "it raised Mine"),
        ("import klingon", "It may lie beside the file, too"),
        ("import numpy as np; np.int32(2**40)", "take Python's integers, or floats"),
    ],
)
def test_odd_ends_have_clear_lines(tmp_path, line, words):
    found = first(tmp_path, RIGHT.format(FIRST, line))
    assert found.verdict == NOT_YET
    assert words in " ".join(str(found).split())


FORGED = """\
    import json, os
    result = {"exercise": "preference_probability", "verdict": "done"}
    event = {"event": "result", "chapter": "01_bradley_terry", "result": result}
    lines = json.dumps(event).encode(), b'[]', b'half a line \\xff \\x00'
    for number in range(3, 40):
        try:
            os.write(number, b"\\n".join(lines))
        except OSError:
            pass
    return 0.25
"""


def test_what_a_file_writes_to_the_channel_is_passed_over(tmp_path):
    found = first(tmp_path, f"def {FIRST}(reward_i, reward_j):\n{FORGED}")
    assert found.verdict == NOT_YET
    assert found.failure.expected


def test_an_end_by_any_signal_has_words(tmp_path):
    line = "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 1)"
    found = first(tmp_path, RIGHT.format(FIRST, line))
    assert "Python crashed (signal 35)" in found.failure.broken


def test_checks_that_cannot_start_are_refused_in_words(tmp_path, monkeypatch):
    chapter_file(tmp_path, "bradley_terry")
    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    with pytest.raises(InputError, match="the checks could not be started"):
        check(tmp_path, FIRST)


def test_async_def_is_named(tmp_path):
    found = first(tmp_path, RIGHT.format(FIRST, "pass").replace("def", "async def"))
    assert "`async def` makes no value" in str(found)
    assert not found.printed


def test_a_long_name_of_a_class_is_shortened(tmp_path):
    line = "raise type('Mine' * 10**5, (Exception,), {})"
    assert len(first(tmp_path, RIGHT.format(FIRST, line)).failure.broken) < 300


def test_a_module_beside_the_file_can_be_imported_but_shadows_nothing(tmp_path):
    (tmp_path / "helper_of_mine.py").write_text("HALF = 0.5\n")
    (tmp_path / "random.py").write_text("raise RuntimeError\n")
    body = RIGHT.format(FIRST, "import random, helper_of_mine as h; h.HALF")
    assert first(tmp_path, body).verdict == DONE


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_file_in_another_encoding_is_told_to_become_utf_8(tmp_path, encoding):
    text = "NOTE = 'ä'\n" + RIGHT.format(FIRST, "pass")
    (tmp_path / CHAPTERS["bradley_terry"].file).write_bytes(text.encode(encoding))
    trouble = next(iter(check(tmp_path, "01").values()))
    assert trouble.failure.broken == "the file is not UTF-8 text; save it as UTF-8"


def test_a_slow_answer_is_not_called_a_loop_for_certain(tmp_path, monkeypatch):
    monkeypatch.setitem(process.SECONDS, "begin", 1)
    found = first(tmp_path, RIGHT.format(FIRST, "import time; time.sleep(9)"))
    assert "or is it only slow? (1 seconds are for all inputs" in found.failure.broken


def test_a_right_answer_defined_twice_is_done_with_a_note(tmp_path):
    twice = RIGHT.format(FIRST, "pass") + RIGHT.format(FIRST, "pass")
    found = first(tmp_path, twice)
    assert found.verdict == DONE
    assert f"`{FIRST}` is defined 2 times (lines 3 and " in found.note


def test_what_is_laid_down_is_still_to_do(tmp_path, untouched_exercises):
    lay_down(Folder((tmp_path,)), catalogue.chapters()[:1])
    assert {r.verdict for r in check(tmp_path, "01").values()} == {"to do"}
