"""Named models that were trained with DPO, as their makers state it.

A field is None where the source does not state it. Nothing here was measured in this
course. Sources were read in November 2026: configurations and commands of the makers'
repositories, and reports.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..validation import require_list_of


class Recipe(NamedTuple):
    """One published run of DPO on a language model."""

    model: str
    loss: str  # DPO; + NLL; per token: length-normalized; APO-zero: anchored
    beta: float | None
    learning_rate: float | None
    batch: int | None  # pairs per step
    pairs: int | None
    epochs: int | None
    then: str | None  # the stage after it
    source: str

    @property
    def steps(self) -> int | None:
        """Steps of the run, where pairs, epochs and batch are stated."""
        if self.pairs is None or self.epochs is None or self.batch is None:
            return None
        return -(-self.pairs * self.epochs // self.batch)


HANDBOOK = "github.com/huggingface/alignment-handbook, recipes/"
OPEN_INSTRUCT = "github.com/allenai/open-instruct, docs/"
RECIPES = (
    Recipe(
        *("Zephyr 7B, redone", "DPO", 0.01, 5e-7, 128, None, 1, "-"),
        HANDBOOK + "zephyr-7b-beta: README (8 GPUs), dpo/config_full.yaml (8 x 2)",
    ),
    Recipe(
        *("Llama 3", "DPO + NLL", 0.1, 1e-5, None, None, None, "more rounds"),
        "arXiv:2407.21783, sections 4.1.4 and 4.1.6",
    ),
    Recipe(
        *("SmolLM2 135M", "DPO", 0.5, 1e-6, None, None, 2, "-"),
        HANDBOOK + "smollm2/dpo/config_smol.yaml (written for 360M, with the remark "
        "that it serves 135M too; number of GPUs not stated)",
    ),
    Recipe(
        *("Tulu 3 8B", "per token", 5.0, 5e-7, 128, None, 1, "RLVR"),
        OPEN_INSTRUCT + "tulu3.md",
    ),
    Recipe(
        *("Qwen2.5", "DPO", None, 7e-7, None, 150_000, 1, "GRPO"),
        "arXiv:2412.15115, sections 4.2 and 4.3 (pairs: approximately)",
    ),
    Recipe(
        *("OLMo 2 1B", "per token", 5.0, 2.5e-6, 128, None, 1, "RLVR"),
        OPEN_INSTRUCT + "olmo2.md",
    ),
    Recipe(
        *("SmolLM3 3B", "APO-zero", 0.05, 1e-6, 32, None, 1, None),
        HANDBOOK + "smollm3/dpo/apo.yaml",
    ),
    Recipe(
        *("Olmo 3 7B Think", "per token", 5.0, 8e-8, 128, 150_000, 1, "RLVR"),
        "arXiv:2512.13961, section A.6.2, table 48",
    ),
    Recipe(
        *("Olmo 3 7B Instruct", "per token", 5.0, 1e-6, 128, 260_000, 1, "RLVR"),
        "arXiv:2512.13961, section A.6.2, table 48",
    ),
)


def table(recipes: Sequence[Recipe] = RECIPES) -> str:
    """A line per recipe under a line of names; "?" where the source does not state it.

    >>> print(table(RECIPES[1:2]))
    model               loss        beta    rate  batch    pairs  then
    Llama 3             DPO + NLL    0.1    1e-5      ?        ?  more rounds
    """
    require_list_of(Recipe, recipes=recipes)
    lines = [_line(("model", "loss", "beta", "rate", "batch", "pairs", "then"))]
    for each in recipes:
        rate = _or_unknown(each.learning_rate, "g").replace("e-0", "e-")
        beta, batch = _or_unknown(each.beta, "g"), _or_unknown(each.batch, "d")
        pairs = _or_unknown(each.pairs, ",d")
        row = each.model, each.loss, beta, rate, batch, pairs, each.then or "?"
        lines.append(_line(row))
    return "\n".join(lines)


def _line(cells) -> str:
    model, loss, beta, rate, batch, pairs, then = cells
    return f"{model:20}{loss:11}{beta:>5}{rate:>8}{batch:>7}{pairs:>9}  {then}"


def _or_unknown(value, form: str) -> str:
    return "?" if value is None else format(value, form)
