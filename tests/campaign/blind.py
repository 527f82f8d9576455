"""Answers written blind: no wrong one passes, no right one is refused.

``python -m tests.campaign.blind [STEM ...]`` prints what each wrong answer is told, so
that one can read whether the name fits the mistake.
"""

import json
import sys
import tempfile
from pathlib import Path

from dpo_edu.workbook.catalogue import chapters

from ..blind_answers import MISJUDGED, BlindAnswer, blind_answers
from .trial import BAD, RIGHT, Verdict, bad, run


def cases(parent: Path):
    for chapter in chapters():
        for right in (False, True):
            for answer in blind_answers(chapter.stem, right):
                yield answer.name, _judged(answer, told(answer, parent))


def told(answer: BlindAnswer, parent: Path) -> dict | str:
    """What ``dpo-edu check`` tells: the exercise's record, or words of trouble."""
    place = parent / "blind"
    (place / "answers").mkdir(parents=True, exist_ok=True)
    chapter = next(c for c in chapters() if c.stem == answer.stem)
    (place / "answers" / chapter.file).write_text(answer.text(), "utf-8")
    ending = run(["check", answer.exercise, "--json"], place)
    try:
        results = json.loads(ending.output)["results"]
        return next(r for r in results if r["exercise"] == answer.exercise)
    except (ValueError, KeyError, StopIteration):
        return ending.output + ending.errors


def _judged(answer: BlindAnswer, found: dict | str) -> Verdict:
    if isinstance(found, str):
        return bad(found)
    right = answer.right != (answer.name in MISJUDGED)
    if right == (found["verdict"] == "done"):
        return Verdict(RIGHT)
    failure = found["failure"] or {}
    return Verdict(BAD, f"{found['verdict']} {failure.get('broken', '')}")


def main(stems: list[str]) -> None:
    """Print the wrong answers and what each is told."""
    with tempfile.TemporaryDirectory() as place:
        for stem in stems or [chapter.stem for chapter in chapters()]:
            for answer in blind_answers(stem, right=False):
                print(_line(answer, told(answer, Path(place))), flush=True)


def _line(answer: BlindAnswer, found: dict | str) -> str:
    words = f"{answer.name}\n  is wrong: {answer.words}"
    if isinstance(found, str):
        return f"{words}\n  TROUBLE {found}"
    failure = found["failure"] or {}
    if not failure:
        return f"{words}\n  {found['verdict'].upper()}"
    stage = f"{failure['stage']}: {failure['broken'] or found['message']}"
    return f"{words}\n  fails at {stage}\n  name: {failure['mistake'] or '-'}"


if __name__ == "__main__":
    main(sys.argv[1:])
