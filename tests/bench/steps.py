"""One DPO step, ours beside TRL's: which settings are timed, and the tables of them."""

from collections.abc import Iterator

import torch

from dpo_edu.scaling.mixed_precision import has_bfloat16_units

from .rounds import Job, least, middle
from .theirs import BEST, DEFAULTS

SIZES = {"2x64": (2, 64), "4x128": (4, 128), "6x256": (6, 256)}
KINDS = {"world": "the world's pairs", "text90": "≤ 90 bytes", "text256": "≤ 255 bytes"}
STEPS = {  # the first of them warms up
    "world": {"2x64": 31, "4x128": 11, "6x256": 5},
    "text90": {"2x64": 5, "4x128": 3, "6x256": 2},
    "text256": {"2x64": 3, "4x128": 2, "6x256": 2},
}
TRL = {"TRL, best": BEST, "TRL, defaults": DEFAULTS}
FAST = "bfloat16", "medium"
CLOSE = 2e-6  # relative, of first losses in float32 that count as equal
CLOSE_LATER = 1e-5  # after steps of AdamW, which divides by the size of the gradient
COARSE = 2e-2  # of losses in bfloat16, which has 8 significant bits
PEAK, FOLLOWED = "matrix product", "TRL followed"


def settings() -> Iterator[tuple[str, str, dict]]:
    """Kind, size, and the words that both trainers are told."""
    for kind, steps in STEPS.items():
        for size, (layers, width) in SIZES.items():
            words = {"kind": kind, "layers": layers, "width": width}
            yield kind, size, words | {"steps": steps[size]}


def jobs(with_trl: bool) -> list[Job]:
    """Processes that alternate between the trainers."""
    found = [Job(PEAK, "ours.peak", {})]
    for kind, size, words in settings():
        row = f"{kind} {size}"
        largest = kind == "text256" and size == "6x256"
        found.append(Job(f"{row}, ours", "ours.ours", words))
        for name, told in TRL.items() if with_trl else ():
            if name == "TRL, best" or not largest:
                told_all = words | {"settings": told}
                found.append(Job(f"{row}, {name}", "theirs.theirs", told_all))
        if is_timed_fast(kind, size):
            found += _fast(row, words, with_trl)
    return [*found, Job(FOLLOWED, "trajectory.compare", {})] if with_trl else found


def is_timed_fast(kind: str, size: str) -> bool:
    """Everywhere, if the processor has units for it; else once per kind of text."""
    if has_bfloat16_units(torch.device("cpu")):
        return (kind, size) != ("text256", "6x256")
    return size == "2x64" and kind != "world"


def _fast(row: str, words: dict, with_trl: bool) -> Iterator[Job]:
    for precision in FAST:
        told = words | {"precision": precision}
        yield Job(f"{row}, ours, {precision}", "ours.ours", told)
        if with_trl:
            told = told | {"settings": BEST}
            yield Job(f"{row}, TRL, best, {precision}", "theirs.theirs", told)


def apart(found: dict, one: str, other: str) -> float:
    """The largest relative difference of two rows' losses."""
    return max(differences(found, one, other))


def differences(found: dict, one: str, other: str) -> list[float]:
    """Of two rows' losses, relative, step by step."""
    pairs = zip(found[one][0]["losses"], found[other][0]["losses"], strict=True)
    return [abs(a / b - 1) for a, b in pairs]


def agree(found: dict, one: str, other: str) -> bool:
    """Whether two rows train the same thing: only then do their times compare."""
    first, *later = differences(found, one, other)
    return first < CLOSE and max(later, default=0.0) < CLOSE_LATER


def times(found: dict, theirs: str, ours: str) -> str:
    """How many times ours goes into theirs, CPU: of the minima (of the medians)."""
    if theirs not in found:
        return ""
    if not agree(found, theirs, ours):
        return "losses differ"
    parts = (
        of(found[theirs], "cpu") / of(found[ours], "cpu") for of in (least, middle)
    )
    return "{:.2f} ({:.2f})".format(*parts)


def table(found: dict) -> str:
    """A row per kind of text and size, in float32."""
    lines = [
        "| pairs, layers × width | ours, CPU ms | median | wall ms | TRL at its best, "
        "times ours | TRL's defaults, times ours | losses apart | share of peak |",
        "|---|---|---|---|---|---|---|---|",
    ]
    peak = max(each["flops"] for each in found[PEAK])
    for kind, size, _ in settings():
        row = f"{kind} {size}"
        ours, best = f"{row}, ours", f"{row}, TRL, best"
        mine = found[ours]
        share = mine[0]["flops"] / least(mine, "cpu") / peak
        lines.append(
            f"| {KINDS[kind]}, {size.replace('x', ' × ')} "
            f"| {1e3 * least(mine, 'cpu'):.1f} "
            f"| {1e3 * middle(mine, 'cpu'):.1f} | {1e3 * least(mine, 'wall'):.1f} "
            f"| {times(found, best, ours)} "
            f"| {times(found, f'{row}, TRL, defaults', ours)} "
            f"| {f'{apart(found, best, ours):.0e}' if best in found else ''} "
            f"| {share:.0%} |"
        )
    return "\n".join(lines)


def fast_table(found: dict) -> str:
    """The fastest of each trainer's precisions, and how far its losses are off."""
    lines = [
        "| pairs, layers × width | ours ms: float32, bfloat16, medium "
        "| TRL ms: float32, bfloat16, medium | fastest of TRL, times fastest of ours "
        "| ours, bfloat16: losses off by |",
        "|---|---|---|---|---|",
    ]
    for kind, size, _ in settings():
        if not is_timed_fast(kind, size):
            continue
        row = f"{kind} {size}"
        ours, trl = fastest(found, f"{row}, ours"), fastest(found, f"{row}, TRL, best")
        ratio = f"{min(trl) / min(ours):.2f}" if trl else ""
        off = apart(found, f"{row}, ours, bfloat16", f"{row}, ours")
        lines.append(
            f"| {KINDS[kind]}, {size.replace('x', ' × ')} | {_shown(ours)} "
            f"| {_shown(trl)} | {ratio} | {off:.0e} |"
        )
    return "\n".join(lines)


def fastest(found: dict, row: str) -> list[float]:
    """Least CPU seconds in float32, bfloat16 and medium, as far as they were timed."""
    rows = row, *(f"{row}, {precision}" for precision in FAST)
    return [least(found[each], "cpu") for each in rows if each in found]


def _shown(seconds: list[float]) -> str:
    return ", ".join(f"{1e3 * each:.1f}" for each in seconds)
