"""The record of chapter 17: what is run, in which order, and what is finished.

    dpo-edu model smollm2                          # first, once
    python -m dpo_edu.experiments real_model       # all of it, two runs side by side
    python -m dpo_edu.experiments.real_model       # one by one, storing as it goes

A finished run is kept in runs/real_model, so whoever stops the record goes on where it
was. Its digits hold for the machine that made them, which each run names: they are not
compared with those of another. Where two machines made the same run, the second lies
in runs/real_model/elsewhere and is stored beside. This module computes nothing itself.
"""

from ..grid import in_parallel

RULES = ("speaks_to_you", "short_first_sentence", "short_words")
SEEDS = (0, 1, 2, 3, 4)
VARIATIONS = {  # what is done otherwise, for which seeds
    "two epochs": (0, 1, 2),
    "chosen and rejected swapped": (0,),
    "swapped, short first sentence": (0,),
    "labels by a coin": (0,),
    "adapter left on in the reference": (0,),
    "learning rate x 10": (0,),
}


def tasks() -> dict[tuple[str, int], tuple]:
    """{(rule or variation, seed): (function, *arguments)}, the most telling first."""
    from .runs import seed_run, varied_run  # torch: readers of the record do without

    told = RULES[:2]  # the third rule comes last
    found: dict[tuple[str, int], tuple] = {}
    found |= {(rule, 0): (seed_run, rule, 0) for rule in told}
    found |= {(name, 0): (varied_run, name, 0) for name in VARIATIONS}
    found |= {(rule, seed): (seed_run, rule, seed) for seed in SEEDS for rule in told}
    for name, seeds in VARIATIONS.items():
        found |= {(name, seed): (varied_run, name, seed) for seed in seeds}
    return found | {(RULES[2], seed): (seed_run, RULES[2], seed) for seed in SEEDS}


def everything() -> dict:
    """All runs, each with its machine and its versions."""
    in_parallel(tasks())
    return finished()


def finished() -> dict:
    """What is kept of the plan: by rule and by variation, a list over seeds.

    Beside it: what another machine made again, and what the reference's answers tell
    without any training, once all seeds have theirs.
    """
    from .reference_answers import told_by_answers
    from .runs import kept_answers, kept_run

    def over(name, seeds, **where):
        records = (kept_run(name, seed, **where) for seed in seeds)
        return [record for record in records if record]

    written = {seed: kept for seed in SEEDS if (kept := kept_answers(seed))}
    whole = len(written) == len(SEEDS)
    return {
        "rules": {rule: over(rule, SEEDS) for rule in RULES},
        "variations": {name: over(name, seeds) for name, seeds in VARIATIONS.items()},
        "elsewhere": {rule: over(rule, SEEDS, elsewhere=True) for rule in RULES},
        "answers": told_by_answers(written, RULES) if whole else None,
    }
