"""What the project means to reach, beside what this run has measured."""

from collections.abc import Iterator

from .exact import MOST_MEMORY
from .reasons import reasons
from .rounds import least, middle
from .steps import FOLLOWED, agree, fastest
from .train import BEST, OURS

AT_LEAST = {  # TRL at its best over ours, CPU time of a step
    "world 2x64": 2.4,
    "world 4x128": 1.5,
    "world 6x256": 1.4,
    "text90 2x64": 1.8,
    "text90 4x128": 1.7,
    "text90 6x256": 1.7,
    "text256 2x64": 2.0,
}
FAST = {"text90 2x64": 2.5, "text256 2x64": 2.5}  # each at its fastest precision
SECONDS = {  # of waiting, at the most
    "dpo-edu tour": 20.0,
    "import dpo_edu": 0.1,
    "dpo-edu --help": 0.1,
    "dpo-edu verify": 2.0,
    "dpo-edu check 01, right": 1.0,
    "dpo-edu check 06, right": 3.0,
    "dpo-edu check 11, right": 3.0,
    "dpo-edu watch 06, save to verdict": 1.0,
}
NO_TRL = "TRL not there"


def aims_table(found: dict) -> str:
    """A row per aim: what, aim, measured, reached or not; below, why not."""
    lines = ["| what | aim | measured | reached |", "|---|---|---|---|"]
    for what, aim, measured, reached in rows(found):
        lines.append(f"| {what} | {aim} | {measured} | {'yes' if reached else 'NO'} |")
    missed = [what for what, *_, reached in rows(found) if not reached]
    return "\n\n".join(["\n".join(lines), *reasons(found, missed)])


def rows(found: dict) -> Iterator[tuple[str, str, str, bool]]:
    """What, aim, measured, reached."""
    yield from _steps(found["steps"])
    yield from _runs(found["train"])
    largest = max(each["memory"] for each in [*found["exact"].values()][-1])
    aim = f"< {MOST_MEMORY / 1e9:.0f} GB"
    ok = largest < MOST_MEMORY
    yield "10^8 responses evaluated exactly", aim, f"{largest / 1e9:.2f} GB", ok
    for row, most in SECONDS.items():
        seconds = least(found["fixed"][row], "wall")
        usual = middle(found["fixed"][row], "wall")
        shown = f"{seconds:.2f} s (median {usual:.2f})"
        yield row, f"< {most:g} s", shown, seconds < most


def _steps(found: dict) -> Iterator[tuple[str, str, str, bool]]:
    for row, aim in AT_LEAST.items():
        best, ours = f"{row}, TRL, best", f"{row}, ours"
        ratio = _ratio(found, best, ours)
        yield _at_least(f"a step, {row}: TRL's best over ours", aim, ratio)
    for row, aim in FAST.items():
        ours, trl = fastest(found, f"{row}, ours"), fastest(found, f"{row}, TRL, best")
        ratio = min(trl) / min(ours) if trl else None
        yield _at_least(f"the same at the fastest precision, {row}", aim, ratio)
    if FOLLOWED in found:
        off = max(each["apart"] for each in found[FOLLOWED])
        what = "30 steps of TRL followed in float64, losses apart"
        yield what, "≤ 2e-7", f"{off:.1e}", off <= 2e-7


def _runs(found: dict) -> Iterator[tuple[str, str, str, bool]]:
    ratio = None
    if BEST in found:
        ratio = least(found[BEST], "cpu") / least(found[OURS], "cpu")
    yield _at_least("a whole run: TRL's script over `dpo-edu train`", 1.5, ratio)


def _ratio(found: dict, theirs: str, ours: str) -> float | None:
    if theirs not in found or not agree(found, theirs, ours):
        return None
    return least(found[theirs], "cpu") / least(found[ours], "cpu")


def _at_least(what: str, aim: float, ratio: float | None):
    if ratio is None:
        return what, f"≥ {aim}", NO_TRL, False
    return what, f"≥ {aim}", f"{ratio:.2f}", ratio >= aim
