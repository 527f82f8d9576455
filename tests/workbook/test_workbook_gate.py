"""The checks are checked: right answers pass, stubs are to do, mistakes have names."""

import ast
import json
import re
from collections import Counter

import pytest

from dpo_edu.workbook import folder
from dpo_edu.workbook.catalogue import TASKS
from dpo_edu.workbook.mistakes import known_wrong_answers
from dpo_edu.workbook.python_file import functions, is_untouched, load_file, tasks
from dpo_edu.workbook.relations import CONSTANT, relation
from dpo_edu.workbook.report import DONE, NOT_YET, TO_DO

from .exercise_material import (
    CHAPTERS,
    EXERCISES,
    ROOT,
    compared,
    exercises,
    mistake,
    module,
    stub,
    unusual_right_answers,
    verdict,
    wrong_answers,
)


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_solution_passes(stem, name):
    found = verdict(stem, name, getattr(module("solutions", stem), name))
    assert found.verdict == DONE, str(found)


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_unusual_right_answers_pass_and_have_no_mistake(stem, name):
    right = unusual_right_answers(stem, name)
    assert len(right) >= 2
    verdicts = {f.__name__: verdict(stem, name, f) for f in right}
    refused = [str(found) for found in verdicts.values() if found.verdict != DONE]
    assert not refused, "\n".join([*verdicts, *refused])
    named = {f.__name__: mistake(stem, name, f) for f in right}
    assert not any(named.values()), named


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_known_wrong_answers_fail_and_are_named_in_a_short_message(stem, name, count):
    """All that are wrong with the answers of an exercise are told at once."""
    faults = []
    for wrong in wrong_answers(stem, name):
        found = verdict(stem, name, wrong.function)
        killed = found.verdict == NOT_YET
        named = killed and found.failure.mistake == wrong.sentence
        plain = is_short_and_plain(str(found))
        count(name, killed=killed, named=named)
        if not (killed and named and plain):
            words = "is named something else" if killed else "survives"
            words = "has too long a message" if killed and named else words
            faults.append(f"{wrong.id} {words}:\n{found}")
    assert not faults, "\n\n".join(faults)


def is_short_and_plain(message: str) -> bool:
    lines = message.splitlines()
    narrow = all(len(line) <= 88 for line in lines)
    return len(lines) < 12 and narrow and "Traceback" not in message


@pytest.mark.parametrize("stem", CHAPTERS)
def test_stubs_fail_only_by_naming_the_task(stem):
    assert is_untouched(stub(stem))
    file = load_file(ROOT / "exercises" / CHAPTERS[stem].file)
    for name, exercise in exercises(stem).items():
        function = getattr(file, name)
        with pytest.raises(NotImplementedError, match=rf"^{name}: "):
            function(*exercise.regular[0])
        assert verdict(stem, name, function).verdict == TO_DO, name


@pytest.mark.parametrize("stem", CHAPTERS)
def test_stubs_and_solutions_have_the_same_head(stem):
    chapter = CHAPTERS[stem]
    posed, solved = functions(stub(stem)), functions(folder.solution(chapter))
    for name in chapter.names:
        one, other = posed[name], solved[name]
        assert ast.unparse(one.args) == ast.unparse(other.args)
        assert ast.get_docstring(one) == ast.get_docstring(other)
        names = [a.arg for a in one.args.args]
        assert names == exercises(stem)[name].argument_names


@pytest.mark.parametrize("stem", CHAPTERS)
def test_stub_records_and_checks_name_the_same_exercises(stem):
    assert tasks(stub(stem)) == [*CHAPTERS[stem].names] == [*exercises(stem)]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_ids_are_unique_and_every_mistake_has_a_sentence(stem):
    wrong = known_wrong_answers(stem)
    ids = Counter(answer.id for answer in wrong)
    assert max(ids.values()) == 1
    assert all(answer.sentence for answer in wrong)
    assert {answer.exercise for answer in wrong} == {*CHAPTERS[stem].names}


@pytest.mark.parametrize(("stem", "name"), EXERCISES)
def test_known_wrong_answers_that_are_constant_say_so(stem, name):
    """For their sentence must be true of every way to return the same constant."""
    right, known = compared(stem, name)
    wanted = right.all("ordinary")
    for wrong, observed in known:
        constant = relation(observed.all("ordinary"), wanted).endswith(CONSTANT)
        assert not constant or "whatever" in wrong.sentence, wrong.id


@pytest.mark.parametrize("stem", CHAPTERS)
def test_main_exercises_have_twelve_known_mistakes(stem):
    found = Counter(wrong.exercise for wrong in known_wrong_answers(stem))
    for entry in CHAPTERS[stem].entries:
        assert found[entry.name] >= (12 if entry.task == "write" else 4), entry.name


@pytest.mark.parametrize("stem", CHAPTERS)
def test_records_are_complete(stem):
    for entry in CHAPTERS[stem].entries:
        assert len(entry.hints) == 3
        assert all(entry.hints)
        assert 1 <= entry.minutes <= 60
        assert entry.difficulty in (1, 2, 3)
        assert entry.task in TASKS
        assert set(entry.needs) < set(CHAPTERS[stem].names)
        assert entry.title
        assert entry.afterwards.endswith((".", "!", "?")), entry.name


@pytest.mark.parametrize("stem", CHAPTERS)
def test_chapter_has_a_bug_to_find_and_a_number_to_predict(stem):
    assert {"find the bug", "predict"} <= {e.task for e in CHAPTERS[stem].entries}


@pytest.mark.parametrize("stem", CHAPTERS)
def test_sections_to_read_are_in_the_notebook(stem):
    notebook = ROOT / CHAPTERS[stem].notebook
    if not notebook.exists():
        pytest.skip("no notebook yet")
    sections = {entry.name: entry.read for entry in CHAPTERS[stem].entries}
    sections |= {wrong.id: wrong.read for wrong in known_wrong_answers(stem)}
    headings = {*headings_of(notebook), ""}
    assert {k: v for k, v in sections.items() if v not in headings} == {}


def headings_of(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [
        line
        for cell in cells
        if cell["cell_type"] == "markdown"
        for line in "".join(cell["source"]).splitlines()
    ]
    marks = re.compile(r" \((essential|core|deeper)\)$")
    return {marks.sub("", line.lstrip("# ")) for line in lines if line.startswith("#")}
