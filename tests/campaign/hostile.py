"""Answers that do harm: they cost their own exercise, and never another chapter's.

Behind each stands a chapter of right answers, whose verdicts must stay; a dozen are
tried in ``watch``, too. No traceback, no hang, no process that is left, and nothing
that a terminal would act upon.
"""

import json
import os
import signal
import textwrap
import time
from pathlib import Path

from dpo_edu.workbook.catalogue import Chapter, chapters
from dpo_edu.workbook.folder import ANSWERS, solution, write
from dpo_edu.workbook.python_file import with_function
from dpo_edu.workbook.report import DONE, WAITING, Result

from .hostile_answers import BODIES, TENSOR_BODIES
from .hostile_files import BESIDE, HEADS, TEXTS
from .trial import BAD, RIGHT, Ending, Verdict, bad, judged, run

LONGEST = 25  # seconds of a check: ten for a loop, and a machine that is busy
MARK = "DPO_EDU_CAMPAIGN"  # in the environment of all that a case starts
NUMBERS, TENSORS = chapters()[:2], chapters()[5:7]  # the first is spoiled
SIGNATURES = {
    NUMBERS[0]: "preference_probability(reward_i, reward_j)",
    TENSORS[0]: "dpo_loss(logp_chosen, logp_rejected, ref_logp_chosen, "
    "ref_logp_rejected, beta)",
}
WATCHED = (
    *("os._exit", "segmentation fault", "endless loop", "forks", "recursion"),
    *("GeneratorExit", "a list that holds itself", "builtins emptied", "traces"),
    *("numpy replaced", "descriptors closed", "words to every descriptor"),
    *("leaves threads", "control characters printed"),
)


def cases(parent: Path):
    for number, (title, two, place, alone) in enumerate(_spoiled(parent)):
        yield title, _checked(f"{os.getpid()}-{number}", two, place, alone)
    for number, title in enumerate(WATCHED):
        place = parent / f"watch-{number}"
        _lay_down(place, NUMBERS, _with_body(NUMBERS[0], BODIES[title]))
        yield f"watch: {title}", _watched(place)


def _spoiled(parent: Path):
    """(title, two chapters, place, whether one exercise alone is spoiled)."""
    number = 0

    def place(two, first, beside=None):
        nonlocal number
        number += 1
        folder = parent / f"case-{number}"
        _lay_down(folder, two, first, beside or {})
        return two, folder

    for two, bodies in ((NUMBERS, BODIES), (TENSORS, TENSOR_BODIES)):
        for title, body in bodies.items():
            yield title, *place(two, _with_body(two[0], body)), True
    wrong = _with_body(NUMBERS[0], "return 0.25")
    for title, head in HEADS.items():
        two = TENSORS if "torch" in head else NUMBERS
        first = _with_body(two[0], "return 0.25")
        yield f"above: {title}", *place(two, f"{head}\n{first}"), False
    for title, change in TEXTS.items():
        yield f"file: {title}", *place(NUMBERS, change(wrong)), False
    for name, text in BESIDE.items():
        yield f"beside: {name}", *place(NUMBERS, wrong, {name: text}), False


def _with_body(chapter: Chapter, body: str) -> str:
    """The chapter's solutions, one of them replaced."""
    text, signature = solution(chapter), SIGNATURES[chapter]
    name = signature.partition("(")[0]
    lines = textwrap.indent(textwrap.dedent(body), "    ")
    libraries = "import numpy as np\n" if chapter in NUMBERS else "import torch\n"
    return libraries + with_function(text, name, f"def {signature}:\n{lines}")


def _lay_down(place: Path, two, first: str | bytes, beside=()) -> None:
    answers = place / ANSWERS
    content = first if isinstance(first, bytes) else first.encode("utf-8", "replace")
    write(answers / two[0].file, content)
    write(answers / two[1].file, solution(two[1]))
    for name in beside:
        write(answers / name, beside[name])
        write(place / name, beside[name])


def _checked(mark: str, two, place: Path, alone: bool) -> Verdict:
    def prepare():
        os.environ[MARK] = mark

    began = time.monotonic()
    ending = run(["check", *(c.number for c in two), "--json"], place, prepare)
    seconds = time.monotonic() - began
    verdict = judged(ending, place, (0, 1))
    if verdict.kind != RIGHT:
        return verdict._replace(kind=BAD)
    if left := _still_there(mark):
        return bad(f"processes are left: {left}")
    if seconds > LONGEST:
        return bad(f"it took {seconds:.0f} seconds")
    return _told(json.loads(ending.output), two, alone)


def _told(report: dict, two, alone: bool) -> Verdict:
    """Is every verdict what it has to be, and are its words?"""
    results = [_result(each) for each in report["results"]]
    trouble = [Result.from_json(each) for each in report["trouble"]]
    told = [*trouble, *(result for result in results if result.verdict != DONE)]
    words = "\n".join(map(str, told))
    verdicts = {result.exercise: result.verdict for result in results}
    first, *others = two[0].names
    changed = [name for name in two[1].names if verdicts[name] != DONE]
    lost = [name for name in others if verdicts[name] not in (DONE, WAITING)]
    waiting = [name for name in others if verdicts[name] == WAITING]
    if verdicts[first] == DONE:
        return bad("the wrong answer is done")
    if changed:
        return bad(f"another chapter is not done: {changed}: {words}")
    if alone and (lost or (waiting and trouble)):
        return bad(f"exercises beside it are not done: {lost + waiting}: {words}")
    if "a fault in the course's checks" in words:
        return bad(words)
    if not all(letter.isprintable() or letter == "\n" for letter in words):
        return bad(f"control characters: {words!r}")
    if max(map(len, words.split("\n"))) > 100 or words.count("\n") > 60:
        return bad(f"too many words: {words}")
    return Verdict(RIGHT)


def _result(record: dict) -> Result:
    """Without what the JSON counts for graders."""
    return Result.from_json({k: v for k, v in record.items() if k != "stages"})


def _still_there(mark: str) -> list[str]:
    """Processes of the case that have not ended; they are ended now."""
    for _ in range(20):
        found = [
            path.parent
            for path in Path("/proc").glob("[0-9]*/environ")
            if _read(path).find(f"{MARK}={mark}\0".encode()) >= 0
        ]
        if not found:
            return []
        time.sleep(0.1)
    names = [_read(path / "cmdline").decode("utf-8", "replace") for path in found]
    for path in found:
        os.kill(int(path.name), signal.SIGKILL)
    return names


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


def _watched(place: Path) -> Verdict:
    """Save the spoiled file, then the other, and stop; what was seen in between?"""
    log = place.parent / f"{place.name}.out"

    def saved(chapter: Chapter, before: int) -> None:
        (place / ANSWERS / chapter.file).touch()
        _wait_for("next: ", log, before + 1)

    def during(process: int) -> None:
        _wait_for("Ctrl-C ends this", log, 1)
        saved(NUMBERS[0], 0)
        saved(NUMBERS[1], 1)
        os.kill(process, signal.SIGINT)

    ending: Ending = run(["watch", "01", "02"], place, during=during)
    verdict = judged(ending, place, (130,))
    if verdict.kind != RIGHT:
        return verdict._replace(kind=BAD)
    first, *others = NUMBERS[0].names
    lines = [line.strip() for line in ending.output.split("\n")]
    lacking = [n for n in (*others, *NUMBERS[1].names) if f"[done]    {n}" not in lines]
    if lacking or f"[done]    {first}" in lines:
        return bad(f"{lacking} not done: {ending.output}")
    return Verdict(RIGHT)


def _wait_for(words: str, log: Path, times: int) -> None:
    """Until the words are there so often, or it is too late for that."""
    end = time.monotonic() + 2 * LONGEST
    while time.monotonic() < end:
        if log.exists() and _read(log).decode("utf-8", "replace").count(words) >= times:
            return
        time.sleep(0.1)
