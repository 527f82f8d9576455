"""One run of the record, kept on the disk, so that a stopped record can go on.

What the reference writes depends on the seed and not on the rule: it is kept too, and
the three rules of a seed judge the same answers. Each run says on which machine and
with which libraries it was made, since a record may be finished on another one.
"""

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from ...files import write_json
from ...real_model.pretrained import load
from ...real_model.prompts import PROMPTS
from ...real_model.rules import RULES
from ...real_model.sampling import Answer
from ...real_model.whole_run import FirstAnswers, Settings, first_answers, run
from .variations import rule_of, varied, varied_record

FOLDER = Path("runs") / "real_model"
ELSEWHERE = "elsewhere"  # in it: runs of the plan that another machine made again
MODEL = "smollm2"
RULE_OF_ANSWERS = "speaks_to_you"  # any would do: the reference knows no rule
LIBRARIES = ("torch", "transformers", "peft", "tokenizers")


def seed_run(rule: str, seed: int) -> dict:
    """The record of one rule and seed: as it is kept, or computed and kept."""
    if kept := kept_run(rule, seed):
        return kept
    settings = settings_of(rule, seed)
    first = _first_answers(settings)
    record = run(settings, load(MODEL), say=_silent, first=first)
    return _keep(rule, seed, record)


def varied_run(name: str, seed: int) -> dict:
    """The record of one variation and seed, likewise."""
    if kept := kept_run(name, seed):
        return kept
    settings = settings_of(name, seed)
    first = _first_answers(settings)
    record = varied_record(name, settings, load(MODEL), PROMPTS, first)
    return _keep(name, seed, {"settings": _plain(settings)} | record)


def kept_run(name: str, seed: int, *, elsewhere: bool = False) -> dict | None:
    """The kept record of a rule or a variation, None if there is none.

    ``elsewhere``: the one that another machine made again.
    """
    file = _path(name, seed)
    if elsewhere:
        file = file.parent / ELSEWHERE / file.name
    return _kept(file, settings_of(name, seed))


def kept_answers(seed: int) -> FirstAnswers | None:
    """What the reference of a seed has written, None if nothing is kept."""
    return _kept_answers(settings_of(RULE_OF_ANSWERS, seed))


def settings_of(name: str, seed: int) -> Settings:
    """What the record does for a rule, or for a variation."""
    if name in RULES:
        return Settings(name, seed)
    return varied(Settings(rule_of(name), seed), name)


def _path(name: str, seed: int) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}-{seed}.json"


def _keep(name: str, seed: int, record: dict) -> dict:
    """Write a run down, with where it was made."""
    record = record | {"circumstances": circumstances()}
    write_json(_path(name, seed), record)
    return record


def _kept(path: Path, settings: Settings) -> dict | None:
    """The record in the file, if these settings made it."""
    if not path.exists():
        return None
    record = json.loads(path.read_text("utf-8"))
    return record if record["settings"] == _plain(settings) else None


def _first_answers(settings: Settings) -> FirstAnswers:
    """Kept by an earlier run of the same seed and sampling, or written now."""
    if kept := _kept_answers(settings):
        return kept
    FOLDER.mkdir(parents=True, exist_ok=True)
    first = first_answers(settings, load(MODEL))
    where = {"settings": _wanted(settings), "circumstances": circumstances()}
    write_json(_answers_path(settings), where | first._asdict())
    return first


def _kept_answers(settings: Settings) -> FirstAnswers | None:
    path = _answers_path(settings)
    if not path.exists():
        return None
    record = json.loads(path.read_text("utf-8"))
    if record["settings"] != _wanted(settings):
        return None
    return FirstAnswers(*(_answers(record[side]) for side in FirstAnswers._fields))


def _answers_path(settings: Settings) -> Path:
    return FOLDER / f"answers-{settings.seed}.json"


def _wanted(settings: Settings) -> dict:
    """Of the settings, those on which the reference's answers depend."""
    plain = _plain(settings)
    return {name: plain[name] for name in ("seed", "held_out", "sampling", "judged")}


def _answers(written: list) -> list[list[Answer]]:
    return [[Answer(*answer) for answer in answers] for answers in written]


def _plain(settings: Settings) -> dict:
    """As JSON gives them back: lists for tuples."""
    return json.loads(json.dumps(asdict(settings)))


def _silent(text: str) -> None:
    """Two processes would talk at once."""


def circumstances() -> dict[str, str]:
    """What the digits hold for: the processor and the libraries."""
    return {"processor": processor()} | {name: version(name) for name in LIBRARIES}


def processor() -> str:
    """Its name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()
