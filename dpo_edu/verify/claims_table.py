"""Claims as plain text: a line per chapter, or every claim with its number."""

import textwrap
from collections.abc import Sequence

from .claim import EXACT, FLOAT64, SAMPLED, Finding, Interval
from .claims import STEMS


def overview(chapter: int, findings: Sequence[Finding], width: int = 88) -> str:
    """How many claims of a chapter hold, and of which kinds; then those that do not."""
    kinds = [finding.claim.kind for finding in findings]
    there = (kind for kind in (EXACT, FLOAT64, SAMPLED) if kind in kinds)
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in there)
    hold = sum(finding.holds for finding in findings)
    line = f"{chapter:02d}  {STEMS[chapter]:18} {hold:>2} of {len(findings)} hold"
    broken = [told(finding, width) for finding in findings if not finding.holds]
    return "\n".join([_filled(f"{line}  ({counted})", width), *broken])


def in_full(chapter: int, findings: Sequence[Finding], width: int = 88) -> str:
    """Every claim of a chapter: its sentence, its number, what is behind it."""
    title = f"Chapter {chapter:02d}, {STEMS[chapter]}"
    return "\n\n".join([title, *(told(finding, width) for finding in findings)])


def told(finding: Finding, width: int = 88) -> str:
    """One claim in three lines or more."""
    claim = finding.claim
    verdict = "holds" if finding.holds else "DOES NOT HOLD"
    found = f"{number(finding.measured)}, expected {claim.expected.words}"
    lines = [f"{claim.id}: {claim.statement}"]
    lines += [f"    {verdict} ({claim.kind}): {found}"]
    lines += [f"    {claim.behind}; {claim.section!r}"]
    return "\n".join(_filled(line, width) for line in lines)


def _filled(line: str, width: int) -> str:
    indent = " " * 4
    return textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)


def number(measured: Interval) -> str:
    """0.6444, or -0.2 ± 0.05 (5 seeds)."""
    half = (measured.high - measured.low) / 2
    middle = f"{measured.middle + 0.0:.4g}"
    if measured.seeds == 1:
        return middle
    return f"{middle} ± {half:.2g} ({measured.seeds} seeds)"
