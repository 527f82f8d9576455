"""``docs/claims.md``: what this course claims, what is behind it, and how sure it is.

    python -m dpo_edu.verify.claims_page        # writes the page anew

Whatever is measured in many runs is shown as measured; a number of a single run is
shown as it is claimed, so that the page is the same on every machine.
"""

from pathlib import Path

from ..files import write_atomically
from .claim import SAMPLED, Claim, examine
from .claims import STEMS, chapters, claims_of
from .claims_table import number

HEAD = """# What this course claims

Each line is a sentence that a chapter wants you to carry away, with the formula or the
run behind it. `dpo-edu verify` computes all of them again, and the tests fail if one of
them does not hold. The kind says what may stand between the sentence and the number:

- **exact**: a formula on given numbers. Rounding alone may differ, 1e-9 of the value.
- **float64**: one run without chance in double precision. It holds within the
  tolerance that is given.
- **sampled**: one run per seed, from the stored results. The 95 % interval of their
  mean lies where it is claimed. Each interval is for its line alone: where a chapter
  reads several differences at once, its table may have wider ones, and then it says so.

A value of 1 or 0 can also stand for yes or no.
"""


def page() -> str:
    """The text of the page."""
    return HEAD + "".join(map(_chapter, chapters()))


def _chapter(chapter: int) -> str:
    notebook = f"../notebooks/{chapter:02d}_{STEMS[chapter]}.ipynb"
    lines = [
        f"\n## Chapter {chapter:02d}: [{STEMS[chapter]}]({notebook})\n",
        "| claim | value | kind | behind it | section |",
        "|---|---|---|---|---|",
        *map(_line, claims_of(chapter)),
    ]
    return "\n".join(lines) + "\n"


def _line(claim: Claim) -> str:
    value = claim.expected.words
    if claim.kind == SAMPLED:
        value = f"{number(examine(claim).measured)}; claimed: {value}"
    cells = [claim.statement, value, claim.kind, claim.behind, claim.section]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "claims.md"
    write_atomically(target, page())
