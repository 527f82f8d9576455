"""What each trick gains: a table of those the package has and of those it has not."""

from .rounds import Job, least, middle
from .steps import KINDS, SIZES, apart
from .tricks import WITH, WITHOUT

STEPS = {"text90": 4, "text256": 3}  # the first to warm up
SIZE = "2x64"
AS_IT_IS = "as it is"
# glibc keeps large blocks instead of handing them back to the system at every step
KEEPING = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
}
KEPT, KEPT_WHOLE = (
    "memory kept (MALLOC_)",
    "memory kept, all rows as long as the longest",
)
WHOLE = next(iter(WITHOUT))


def jobs() -> list[Job]:
    """The package as it is, then with one thing changed at a time."""
    return [job for kind, steps in STEPS.items() for job in _of_kind(kind, steps)]


def _of_kind(kind: str, steps: int):
    layers, width = SIZES[SIZE]
    words = {"kind": kind, "layers": layers, "width": width, "steps": steps}
    yield Job(f"{kind}, {AS_IT_IS}", "ours.ours", words)
    for trick in WITHOUT | WITH:
        yield Job(f"{kind}, {trick}", "ours.ours", words | {"trick": trick})
    yield Job(f"{kind}, {KEPT}", "ours.ours", words, KEEPING)
    told = words | {"trick": WHOLE}
    yield Job(f"{kind}, {KEPT_WHOLE}", "ours.ours", told, KEEPING)


def table(found: dict) -> str:
    """CPU time of the package as it is over that of each change: above 1 is a gain."""
    titles = " | ".join(f"{KINDS[kind]}: minima (medians), losses" for kind in STEPS)
    lines = [f"| changed | {titles} |", "|---|---|---|"]
    for trick in (*WITHOUT, KEPT_WHOLE, *WITH, KEPT):
        shown = " | ".join(_gain(found, kind, trick) for kind in STEPS)
        lines.append(f"| {trick} | {shown} |")
    return "\n".join(lines)


def _gain(found: dict, kind: str, trick: str) -> str:
    usual, row = f"{kind}, {AS_IT_IS}", f"{kind}, {trick}"
    if row not in found:
        return "does not run here"
    parts = (of(found[usual], "cpu") / of(found[row], "cpu") for of in (least, middle))
    return "{:.2f} ({:.2f}), {:.0e}".format(*parts, apart(found, row, usual))
