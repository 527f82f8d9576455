"""Everything chapter 13 repeats over five seeds.

    python -m dpo_edu.experiments failure_modes

A run has a name and a seed. Stored is {name: [seed 0, seed 1, ...]}: the measures of
the policy that came out, or the rows of a run that was followed. What the names mean is
in ``failure_runs`` and the modules beside it; the notebook runs one again, live.
"""

SEEDS = (0, 1, 2, 3, 4)
COUNTS = (100, 500, 2_000, 8_000)  # pairs
FLIPS = (0.1, 0.2, 0.3, 0.4)
TASTES = (-1.0, -0.5, 0.5, 1.0)  # reward for a word, besides the rule


def everything() -> dict:
    """All runs of the chapter, two at a time."""
    from ..grid import in_parallel

    tasks = [(name, seed) for seed in SEEDS for name in runs()]
    done = in_parallel(one_run, *zip(*tasks, strict=True))
    results = dict(zip(tasks, done, strict=True))
    return {name: [results[name, seed] for seed in SEEDS] for name in runs()}


def one_run(name: str, seed: int):
    """The run of this name with this seed, as it is stored."""
    function, *arguments = runs()[name]
    return function(seed, *arguments)


def runs() -> dict[str, tuple]:
    """By name: the function of the seed, and its further arguments."""
    from . import runs as run  # torch: readers of results do without
    from .annotators import flipped, pooled
    from .broken_reference import REFERENCES, broken
    from .single_pairs import single_pairs
    from .unfit_references import no_sft, off_style

    return {
        "plain": (run.plain,),
        "few": (run.few,),
        "single pairs": (single_pairs,),
        "all compared": (run.judged,),
        "left out": (run.left_out,),
        **{f"taste {taste}": (run.judged, taste) for taste in TASTES},
        "averaged": (run.averaged,),
        "pooled": (pooled,),
        **{f"flips {rate}": (flipped, rate) for rate in FLIPS},
        **{f"{count} pairs": (run.followed, count) for count in COUNTS},
        **{name: (broken, name) for name in REFERENCES},
        "no SFT": (no_sft,),
        "off style": (off_style,),
        "off style, SFT first": (off_style, True),
    }
