"""Options together, as somebody types them who has not read the help.

Each case says with which code it has to end and what has to be said. Nothing that is
somebody's own may be lost on the way.
"""

import json
import os
import signal
import time
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path

from dpo_edu.workbook.catalogue import chapters

from . import material
from .trial import BAD, Ending, Verdict, bad, judged, run

TRAIN = (*material.TRAIN, "--data", "pairs.jsonl")
TAKEN = 130  # accepted: training would begin here, and ends
STOPPED = ("train", "--resume", "runs/train-002")
NEW = ("train", "--data", "pairs.jsonl", "--out", "runs")
REPORT = ("train", "--report-only", "--data", "pairs.jsonl")
PAIRS = "prompt=prompt,chosen=chosen,rejected=rejected"

TRAINING = (
    ((*TRAIN, "--precision", "float64"), 2, "--precision is float32 or"),
    ((*TRAIN, "--precision", ""), 2, "--precision is float32 or"),
    ((*TRAIN, "--precision", "bfloat16"), TAKEN, ""),
    ((*REPORT, "--precision", "half"), 2, "--precision is float32 or"),
    ((*TRAIN, "--threads", "0"), 2, "--threads"),
    ((*TRAIN, "--threads", "-3"), 2, "--threads"),
    ((*TRAIN, "--threads", "1000000000"), 2, "--threads"),
    ((*TRAIN, "--threads", "two"), 2, "--threads"),
    ((*TRAIN, "--device", "mars"), 2, "mars"),
    ((*TRAIN, "--device", "cuda:7"), 2, "cuda:7"),
    ((*TRAIN, "--fields", "prompt"), 2, "--fields"),
    ((*TRAIN, "--fields", "prompt=nothing,chosen=chosen,rejected=rejected"), 2, "noth"),
    ((*TRAIN, "--fields", f"{PAIRS},chosen=prompt"), 2, "chosen"),
    ((*TRAIN, "--fields", f"{PAIRS},reward=prompt"), 2, "reward"),
    ((*TRAIN, "--fields", "=,=,="), 2, "--fields"),
    ((*TRAIN, "--fields", " "), 2, "--fields"),
    ((*TRAIN, "--fields", PAIRS), TAKEN, ""),
    ((*TRAIN, "--max-length", "1"), 2, "no pair fits"),
    ((*TRAIN, "--max-length", "41"), 2, "--max-length of 41 is more than"),
    ((*TRAIN, "--max-length", "40", "--too-long", "bend"), 2, "--too-long is drop or"),
    ((*TRAIN, "--max-length", "40", "--too-long", "cut"), TAKEN, ""),
    ((*NEW, "--context", "1", "--skip-bad"), 2, "pairs.jsonl"),
    ((*TRAIN, "--skip-bad"), TAKEN, ""),
    (("train", "--data", "all-bad.jsonl", "--skip-bad"), 2, "all-bad.jsonl"),
    (("train", "--data", "one-bad.jsonl"), 2, "--skip-bad"),
    (("train", "--data", "one-bad.jsonl", "--skip-bad", "--context", "40"), TAKEN, ""),
    (("train", "--report-only"), 2, "say which FILE"),
    (REPORT, 0, "12 pairs"),
    ((*REPORT, "--resume", "runs/train-002"), 0, "12 pairs"),
    (("train", "--report-only", "--data", "one-bad.jsonl"), 2, "--skip-bad"),
    (("train", "--report-only", "--data", "answers"), 2, "answers"),
    ((*STOPPED, "--out", "elsewhere"), 2, "drop --out"),
    ((*STOPPED, "--beta", "0.3", "--seed", "1"), 2, "drop --beta, --seed"),
    ((*STOPPED, "--skip-bad"), 2, "drop --skip-bad"),
    ((*STOPPED, "--precision", "medium"), 2, "drop --precision"),
    ((*STOPPED, "--data", "one-bad.jsonl"), 2, "is another file"),
    ((*STOPPED, "--report-only"), 0, "12 pairs"),
    (STOPPED, TAKEN, ""),
    (("train", "--resume", "runs/train-001"), 2, "is finished"),
    (("train", "--resume", "runs/train-001", "--report-only"), 2, "is finished"),
    (("train", "--resume", "runs"), 2, "is no run"),
    (("train", "--resume", "pairs.jsonl"), 2, "is no run"),
)
EXPORTS = (
    (("export",), 2, "OUT"),
    (("export", "new", "--run", "runs/train-002"), 2, "runs/train-002"),
    (("export", "new", "--run", "runs/train-001", "--model", "best"), 2, "--model is"),
    (("export", "new", "--run", "runs/train-001", "--pairs", "5"), 2, "drop --pairs"),
    (("export", "new", "--data", "pairs.jsonl"), 2, "--data goes with the --run"),
    (("export", "answers", "--run", "runs/train-001"), 2, "answers is not empty"),
    (("export", "new", "--run", "answers"), 2, "is no run"),
)
WORK = "answers/01_bradley_terry.py"
CHECKS = (
    (("check", "--json", "99"), 2, '"error"'),
    (("check", "--json", "01", "--junit", "no/where.xml"), 2, '"error"'),
    (("check", "--json", "01", "--junit", "answers"), 2, '"error"'),
    (("check", "01", "--junit", WORK), 2, "no XML"),
    (("check", "01", "--junit", "/dev/full"), 2, "it is no file"),
    (("check", "01", "--junit", ""), 2, "it is no file"),
    (("check", "02", "--strict"), 1, "to do"),
    (("check", "02"), 0, "to do"),
    (("check", "01", "01", "preference_probability"), 1, "not yet"),
    (("check", "preference_probability", "--strict", "--json"), 1, '"clean": false'),
    (("check", "--jso"), 1, '"clean": false'),
    (("check", "1"), 1, "not yet"),
    (("hint", "preference_probability", "4"), 2, "1, 2 or 3"),
    (("hint", "1", "2"), 2, "1, 2 or 3"),
    (("hint", "\u0663"), 2, "1, 2 or 3"),
    (("hint", "3"), 0, "Hint 3 of 3"),
    (("hint", "2", "dpo_loss"), 0, "Hint 2 of 3"),
    (("hint", "dpo_los"), 2, "dpo_los"),
    (("hint", "01"), 2, "01"),
    (("next", "16"), 0, "Chapter 16"),
    (("next", "preference_probability"), 0, "not yet"),
    (("next", "01", "02"), 0, "not yet"),
    (("next", "99"), 2, "99"),
    (("next", "--here", "--here"), 0, "not yet"),
    (("watch", "99"), 2, "99"),
    (("watch", "\x1b[2J"), 2, "x1b"),
)


def cases(parent: Path):
    place = _place(parent)
    work = (place / WORK).read_bytes()
    for words, code, said in (*TRAINING, *EXPORTS, *CHECKS):
        narrow = os.environ | {"COLUMNS": "200"}  # lines are whole, then
        ending = run(words, place, lambda env=narrow: _prepare(env))
        verdict = _judged(ending, place, code, said)
        if (place / WORK).read_bytes() != work:
            verdict = bad("an answer is lost")
        title = " ".join(words[-3:]).encode("ascii", "backslashreplace").decode()
        yield title, verdict
    ending = run(["check", "01", "--junit", "new.xml", "--json"], place)
    yield "both reports", _both(ending, place)
    yield "watch: files that go, come and are none", _watched(place)


def _place(parent: Path) -> Path:
    """Pairs good and bad, answers, a finished and a stopped run."""
    place = material.new_place(parent)
    good = (place / "pairs.jsonl").read_text()
    (place / "one-bad.jsonl").write_text(good + '{"prompt": 3}\n')
    (place / "all-bad.jsonl").write_text('{"prompt": 3}\n' * 3)
    material.with_run(place)
    run(TRAIN, place, material.stop_at("policy"))
    return place


def _prepare(environment: dict) -> None:
    os.environ.update(environment)
    material.stop_before_training()


def _judged(ending: Ending, place: Path, code: int, said: str) -> Verdict:
    verdict = judged(ending, place, (0, 1, 130))
    if verdict.kind == BAD:
        return verdict
    if ending.code != code:
        return bad(f"{ending.code} and not {code}: {ending.errors}{ending.output}")
    if said not in ending.errors + ending.output:
        return bad(f"{said!r} is not said: {ending.errors}{ending.output}")
    return verdict


def _both(ending: Ending, place: Path) -> Verdict:
    """JSON and XML tell the same."""
    record = json.loads(ending.output)
    found = ET.parse(place / "new.xml").getroot()
    wrong = [r["exercise"] for r in record["results"] if r["verdict"] == "not yet"]
    failed = [case.get("name") for case in found.findall(".//failure/..")]
    verdict = judged(ending, place, (1,))
    return verdict if wrong == failed else bad(f"{wrong} and {failed}")


def _watched(place: Path) -> Verdict:
    """Files are renamed, replaced by folders, pipes and nothing; then a good save."""
    path, log = place / WORK, place.parent / f"{place.name}.out"
    content = path.read_bytes()

    def during(process: int) -> None:
        _until(lambda: b"Ctrl-C ends this" in log.read_bytes())
        pipe, loop = partial(os.mkfifo, path), partial(path.symlink_to, path)
        for spoil in (path.mkdir, pipe, loop):
            path.rename(place / "aside")
            spoil()
            time.sleep(0.5)
            path.rmdir() if path.is_dir() else path.unlink()
            (place / "aside").rename(path)
            time.sleep(0.5)
        path.write_bytes(content + b"\n")
        name = chapters()[0].names[0].encode()
        _until(lambda: name in log.read_bytes())
        os.kill(process, signal.SIGINT)

    ending = run(["watch", "01"], place, during=during)
    return _judged(ending, place, 130, "[not yet]")


def _until(holds, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.1)
