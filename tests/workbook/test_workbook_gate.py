"""The checks are checked: right answers pass, stubs are to do, mistakes have names."""

import ast
import json
import re
from collections import Counter

import pytest
from answers import (
    EXERCISES,
    ROOT,
    STEMS,
    chapter,
    exercise,
    listed,
    module,
    right_answers,
    stub,
    verdict,
    wrong_answers,
)

from dpo_edu.workbook import folder, storing, text
from dpo_edu.workbook.diagnosis import name_mistake
from dpo_edu.workbook.entry import TASKS
from dpo_edu.workbook.observations import outputs, probes
from dpo_edu.workbook.python_file import functions, is_untouched, load_file, tasks
from dpo_edu.workbook.record import DONE, NOT_YET, TO_DO


def name_of(case):
    return case if isinstance(case, str) else case.function.__name__


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_solution_passes(stem, name):
    found = verdict(stem, name, getattr(module("solutions", stem), name))
    assert found.verdict == DONE, text.result(found)


@pytest.mark.parametrize(("stem", "answer"), right_answers(), ids=name_of)
def test_unusual_right_answer_passes_and_has_no_mistake(stem, answer):
    found = verdict(stem, answer.exercise, answer.function)
    assert found.verdict == DONE, text.result(found)
    seen = outputs(exercise(stem, answer.exercise), answer.function)
    assert name_mistake(seen, chapter(stem).observations[answer.exercise]) is None


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_each_exercise_has_two_unusual_right_answers(stem, name):
    right = [a for a in listed(stem) if a.exercise == name and not a.misconception]
    assert len(right) >= 2


@pytest.mark.parametrize(("stem", "answer"), wrong_answers(), ids=name_of)
def test_known_wrong_answer_fails_and_is_named(stem, answer, count):
    count(answer.exercise, "wrong answers")
    found = verdict(stem, answer.exercise, answer.function)
    assert found.verdict == NOT_YET, "survived"
    count(answer.exercise, "killed")
    assert found.failure.mistake == answer.sentence, text.result(found)
    count(answer.exercise, "named")


@pytest.mark.parametrize(("stem", "answer"), wrong_answers(), ids=name_of)
def test_message_is_short_and_plain(stem, answer):
    found = verdict(stem, answer.exercise, answer.function)
    lines = text.result(found).splitlines()
    assert len(lines) < 12, text.result(found)
    assert all(len(line) <= 88 for line in lines)
    assert "Traceback" not in text.result(found)


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_stub_fails_only_by_naming_the_task(stem, name):
    assert is_untouched(stub(stem))
    function = getattr(load_file(ROOT / "exercises" / chapter(stem).file), name)
    arguments = probes(exercise(stem, name))[0][0]
    with pytest.raises(NotImplementedError, match=rf"^{name}: "):
        function(*arguments)
    assert verdict(stem, name, function).verdict == TO_DO


@pytest.mark.parametrize("stem", STEMS)
def test_stubs_and_solutions_have_the_same_head(stem):
    posed, solved = functions(stub(stem)), functions(folder.solution(chapter(stem)))
    for name in chapter(stem).names:
        one, other = posed[name], solved[name]
        assert ast.unparse(one.args) == ast.unparse(other.args)
        assert ast.get_docstring(one) == ast.get_docstring(other)
        assert [a.arg for a in one.args.args] == exercise(stem, name).argument_names


@pytest.mark.parametrize("stem", STEMS)
def test_every_task_of_the_stub_has_checks(stem):
    assert tasks(stub(stem)) == list(chapter(stem).names)


@pytest.mark.parametrize("stem", STEMS)
def test_ids_are_unique_and_every_mistake_has_a_sentence(stem):
    wrong = [answer for answer in listed(stem) if answer.misconception]
    ids = Counter(answer.function.__name__ for answer in wrong)
    assert max(ids.values()) == 1
    assert all(answer.sentence for answer in wrong)


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_main_exercise_has_twelve_known_mistakes(stem, name):
    entry = chapter(stem).entry(name)
    wrong = [a for a in listed(stem) if a.exercise == name and a.misconception]
    assert len(wrong) >= (12 if entry.task == "write" else 4)


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_record_is_complete(stem, name):
    entry = chapter(stem).entry(name)
    assert len(entry.hints) == 3
    assert all(entry.hints)
    assert 1 <= entry.minutes <= 60
    assert entry.difficulty in (1, 2, 3)
    assert entry.task in TASKS
    assert set(entry.needs) < set(chapter(stem).names)
    assert entry.title
    assert entry.afterwards.endswith((".", "!", "?"))


@pytest.mark.parametrize("stem", STEMS)
def test_chapter_has_a_bug_to_find_and_a_number_to_predict(stem):
    assert {"find the bug", "predict"} <= {e.task for e in chapter(stem).entries}


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_section_to_read_is_in_the_notebook(stem, name):
    notebook = ROOT / chapter(stem).notebook
    if not notebook.exists():
        pytest.skip("no notebook yet")
    sections = {name: chapter(stem).entry(name).read}
    sections |= {a.function.__name__: a.read for a in listed(stem) if a.read}
    headings = headings_of(notebook)
    assert {k: v for k, v in sections.items() if v not in headings} == {}


def headings_of(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [
        line
        for cell in cells
        if cell["cell_type"] == "markdown"
        for line in "".join(cell["source"]).splitlines()
    ]
    marks = re.compile(r" \((core|deeper)\)$")
    return {marks.sub("", line.lstrip("# ")) for line in lines if line.startswith("#")}


@pytest.mark.parametrize("stem", STEMS)
def test_what_is_stored_is_fresh(stem):
    fresh = storing.record(stem, ROOT)
    stored = storing.load_record(stem)
    again = f"run: python -m dpo_edu.workbook.storing {chapter(stem).number}"
    assert storing.alike_records(fresh, stored), again
