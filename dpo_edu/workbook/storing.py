"""Build step: store as package data what commands and diagnosis need at run time.

    python -m dpo_edu.workbook.storing 01 06        (no number: every chapter)

Run it in the root of a clone after changing solutions/, tests/known_wrong/ or a check
file. A test asserts that what is stored is fresh.
"""

import json
import sys
from pathlib import Path

from .. import CHAPTERS
from . import known_wrong
from .catalogue import STORED
from .observations import alike, outputs
from .surroundings import undisturbed
from .worker import chapter_checks


def file_name(stem: str) -> str:
    """'bradley_terry' -> '01_bradley_terry.py'."""
    return f"{CHAPTERS.index(stem) + 1:02}_{stem}.py"


def record(stem: str, root: Path) -> dict:
    """The stored record of one chapter, computed afresh from the files in ``root``."""
    from .python_file import load_file

    exercises = chapter_checks(stem)
    solutions = load_file(root / "solutions" / file_name(stem))
    answers = known_wrong.collect(root / "tests" / "known_wrong" / file_name(stem))
    observations = {}
    for name, exercise in exercises.items():
        wrong = [_wrong(exercise, a) for a in answers if _is_wrong(a, name)]
        right = _observed(exercise, getattr(solutions, name))
        observations[name] = {"right": right, "wrong": wrong}
    records = [exercise.record() for exercise in exercises.values()]
    return {"exercises": records, "observations": observations}


def store(stem: str, root: Path) -> None:
    """Write the record into the package."""
    (STORED / f"{stem}.json").write_text(as_text(record(stem, root)), encoding="utf-8")


def load_record(stem: str) -> dict:
    """The stored record of one chapter."""
    return json.loads((STORED / f"{stem}.json").read_text(encoding="utf-8"))


def alike_records(one, other) -> bool:
    """Equal records; observed numbers may differ in digits that machines differ in."""
    if isinstance(one, dict) and isinstance(other, dict):
        same_keys = one.keys() == other.keys()
        return same_keys and all(alike_records(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(alike_records(a, b) for a, b in pairs)
    return alike(one, other)


def as_text(record: dict) -> str:
    """JSON with one line for each exercise and each observed answer: small diffs."""

    def line(thing) -> str:
        return json.dumps(thing, ensure_ascii=False)

    exercises = ",\n".join(line(entry) for entry in record["exercises"])
    observed = ",\n".join(
        f'{line(name)}: {{"right": {line(seen["right"])},\n"wrong": [\n'
        + ",\n".join(line(wrong) for wrong in seen["wrong"])
        + "\n]}"
        for name, seen in record["observations"].items()
    )
    return f'{{"exercises": [\n{exercises}\n],\n"observations": {{\n{observed}\n}}}}\n'


def stems_with_exercises(root: Path) -> list[str]:
    """Chapters whose exercises, solutions and checks exist."""
    checks = Path(__file__).parent / "chapters"
    return [
        stem
        for stem in CHAPTERS
        if (root / "exercises" / file_name(stem)).exists()
        and (checks / f"{stem}.py").exists()
    ]


def main(numbers: list[str]) -> None:
    """Store the chapters with these numbers, or all."""
    root = Path.cwd()
    for stem in stems_with_exercises(root):
        if not numbers or file_name(stem)[:2] in numbers:
            store(stem, root)
            print(f"stored {file_name(stem)}")


def _is_wrong(listed, name: str) -> bool:
    return listed.exercise == name and bool(listed.misconception)


def _wrong(exercise, listed) -> dict:
    return {
        "id": listed.function.__name__,
        "misconception": listed.misconception,
        "sentence": listed.sentence,
        "read": listed.read,
        "outputs": _observed(exercise, listed.function),
    }


def _observed(exercise, function) -> dict:
    with undisturbed():
        return outputs(exercise, function)


if __name__ == "__main__":
    main(sys.argv[1:])
