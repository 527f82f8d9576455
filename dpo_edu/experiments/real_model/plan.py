"""The record of chapter 17; ``python -m dpo_edu.experiments real_model``.

    dpo-edu model smollm2                        # first, once
    python -m dpo_edu.experiments real_model     # an hour and a half on two cores

Fifteen runs of one thread each, two side by side. A run that is finished is kept in
runs/real_model, so whoever stops the record goes on where it was. Its digits hold for
the machine that made them: they are not compared with those of another.
"""

from itertools import product

from ..grid import in_parallel

RULES = ("short_words", "speaks_to_you", "short_first_sentence")
SEEDS = (0, 1, 2, 3, 4)


def everything() -> dict:
    """All runs by rule, a list over the seeds; the machine and the versions."""
    # torch: readers of rows do without
    from .runs import circumstances, seed_run

    # Rule after rule: the first one leaves its seeds' answers to the other two.
    tasks = {
        (rule, seed): (seed_run, rule, seed) for rule, seed in product(RULES, SEEDS)
    }
    found = in_parallel(tasks)
    return {
        "circumstances": circumstances(),
        "rules": {rule: [found[rule, seed] for seed in SEEDS] for rule in RULES},
    }
