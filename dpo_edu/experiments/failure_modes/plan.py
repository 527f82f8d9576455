"""Everything chapter 13 repeats over five seeds.

    python -m dpo_edu.experiments failure_modes

A run has a name and a seed. Stored is {name: [seed 0, seed 1, ...]}: the measures of
the policy that came out, or the rows of a run that was followed. What the names mean is
in ``runs`` and the modules beside it; the notebook runs one again, live.
"""

from ..grid import over_seeds

SEEDS = (0, 1, 2, 3, 4)
COUNTS = (100, 500, 2_000, 8_000)  # pairs
FLIPS = (0.1, 0.2, 0.3, 0.4)
TASTES = (-1.0, -0.5, 0.5, 1.0)  # reward for a word, besides the rule


def everything() -> dict:
    """All runs of the chapter, two at a time."""
    return over_seeds(functions(), SEEDS)


def functions() -> dict[str, tuple]:
    """By name: the function of the seed, and its further arguments."""
    from . import runs  # torch: readers of results do without
    from .single_pairs import single_pairs
    from .unfit_references import no_sft, off_style
    from .unfrozen_references import REFERENCES, unfrozen

    return {
        "plain": (runs.plain,),
        "few": (runs.few,),
        "single pairs": (single_pairs,),
        "all compared": (runs.judged,),
        "left out": (runs.left_out,),
        **{f"taste {taste}": (runs.judged, taste) for taste in TASTES},
        "averaged": (runs.averaged,),
        "pooled": (runs.pooled,),
        **{f"flips {rate}": (runs.flipped_verdicts, rate) for rate in FLIPS},
        **{f"{count} pairs": (runs.followed, count) for count in COUNTS},
        **{name: (unfrozen, name) for name in REFERENCES},
        "no SFT": (no_sft,),
        "off style": (off_style,),
        "off style, SFT first": (off_style, True),
    }
