"""Claims of chapter 17: what of the toy is left on a model that speaks English.

The real runs are read from the stored record, the toy's happen here. A claim about one
run of the record is held at the far end of that run's own interval over prompts.
"""

from functools import cache

import numpy as np
import torch

from ...cancellation import log10_responses
from ...experiments.grid import stored
from ...experiments.real_model import tables, toy
from ...real_model.prompts import PROMPTS, split_by_prompt
from ..claim import FLOAT64, SAMPLED, Claim, above, below, interval, near

SPEAKS, SENTENCE = "speaks_to_you", "short_first_sentence"
WORDS = "short_words"
VOCABULARY = 49_152
record = cache(lambda: stored("real_model"))


def runs(rule: str) -> list[dict]:
    """The runs of a rule, one per seed."""
    return record()["rules"][rule]


def gains(rule: str) -> list[float]:
    """What DPO gained in the rule of its training, per seed."""
    return [tables.gain(run)["mean"] for run in runs(rule)]


def resolved(rule: str) -> int:
    """In how many seeds the interval over held-out prompts lies above 0."""
    return sum(tables.excludes_zero(tables.gain(run)) for run in runs(rule))


def log_ratios(side: str) -> list[float]:
    """Where the log-ratio of the first training pairs ended: per seed, over the rules.

    The rules of a seed share its answers, so a seed is one number.
    """
    ended = [
        [run["policies"]["dpo"]["log_ratios"][side] for run in runs(rule)]
        for rule in (SPEAKS, SENTENCE, WORDS)
    ]
    return np.mean(ended, axis=0).tolist()


def against_another_rule() -> list[float]:
    """What policies trained for short words gained in them beyond those of a rule."""
    others = [tables.gain(run, rule=WORDS)["mean"] for run in runs(SENTENCE)]
    return [own - other for own, other in zip(gains(WORDS), others, strict=True)]


def flat_log() -> float:
    """Largest distance of a loss to log 2 where the reference has the adapter too."""
    (run,) = record()["variations"]["adapter left on in the reference"]
    return max(abs(row["loss"] - np.log(2)) for row in run["log"]["dpo"])


def swapped_at_best() -> float:
    """The upper end of what the swapped run gained."""
    (run,) = record()["variations"]["swapped, short first sentence"]
    found = tables.gain(run)
    return found["mean"] + found["half"]


def shared_prompts() -> int:
    """How many prompts stand on both sides of the split."""
    training, held_out = split_by_prompt(PROMPTS, held_out=48, seed=0)
    return len({*training} & {*held_out})


def no_adapter() -> float:
    """What a fresh adapter adds to a layer's output, (17.1)."""
    a, b = torch.full((8, 64), 0.3), torch.zeros(32, 8)
    return float((b @ a @ torch.arange(64.0)).abs().max())


CLAIMS = (
    Claim(
        "17-answers",
        "A chat model has about 10^150 answers of 32 tokens.",
        "How many answers does it have?",
        "32 times the common logarithm of 49,152",
        lambda: log10_responses(VOCABULARY, 32),
        near(150.13, within=5e-3),
    ),
    Claim(
        "17-switch",
        "An adapter that has learned nothing adds nothing, so the reference is the "
        "model with its adapter switched off.",
        "The reference is a switch",
        "B A x with B = 0",
        no_adapter,
        near(0.0),
    ),
    Claim(
        "17-logits",
        "The logits of 64 pairs of 300 tokens take 7.55 GB, fourteen times as much as "
        "the model's weights.",
        "The step: logits are the largest single table (core)",
        "4 bytes for each of 128 times 300 positions and 49,152 tokens",
        lambda: 4 * VOCABULARY * 128 * 300 / 1e9,
        near(7.55, within=5e-3),
    ),
    Claim(
        "17-parts",
        "The mean over unequal parts of a batch is not the mean over its pairs: 6 "
        "against 4.",
        "Unequal parts, equal pairs",
        "losses 1, 2, 3 in one part and 10 in the other",
        lambda: np.mean([np.mean([1, 2, 3]), 10]) - np.mean([1, 2, 3, 10]),
        near(2.0),
    ),
    Claim(
        "17-log-2",
        "Before its first step the real model's loss is log 2, as the toy's is.",
        "One epoch, side by side (core)",
        "the first loss of five seeds, float32",
        lambda: [run["log"]["dpo"][0]["loss"] for run in runs(SPEAKS)],
        near(float(np.log(2)), within=1e-3),
        SAMPLED,
    ),
    Claim(
        "17-toy-price",
        "The toy pays 0.43 nats of KL for one epoch over its pairs.",
        "What it cost (core)",
        "one run, KL over all 3,616 answers of each prompt",
        lambda: toy.toy_run()["verdict"]["kl"],
        near(0.43, within=5e-3),
        FLOAT64,
    ),
    Claim(
        "17-speaks",
        "One epoch of DPO makes more answers speak to the reader, on prompts that were "
        "held out.",
        "Rules and seeds",
        "gain in speaks_to_you, five seeds",
        lambda: gains(SPEAKS),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "17-resolved",
        "In two of three rules, speaks_to_you and short_words, the gain is larger than "
        "its own error in at least four of five seeds.",
        "Rules and seeds",
        "rules by the seeds whose interval over prompts lies above 0",
        lambda: sum(resolved(rule) >= 4 for rule in (SPEAKS, WORDS, SENTENCE)),
        near(2.0),
    ),
    Claim(
        "17-not-the-rule-alone",
        "Five seeds do not tell what policies trained for short words gained in them "
        "from what policies trained for short first sentences did.",
        "Rules that nobody trained on",
        "the lower end of the interval over seeds of the difference",
        lambda: interval(against_another_rule()).low,
        below(0.0),
    ),
    Claim(
        "17-best-of-8",
        "The best of eight answers gains 0.36 in speaks_to_you, for at most 1.2 nats.",
        "Three ways to the same end",
        "all choices of eight from all that the reference wrote to 138 prompts",
        lambda: record()["answers"]["gained"][SPEAKS]["8"]["mean"],
        near(0.36, within=5e-3),
    ),
    Claim(
        "17-not-resolved",
        "So over seeds the gain in short first sentences is not resolved: the lower "
        "end of its interval lies below 0.",
        "Rules and seeds",
        "the mean of five seeds minus the half-width of its interval",
        lambda: interval(gains(SENTENCE)).low,
        below(0.0),
    ),
    Claim(
        "17-rejected-fall",
        "The rejected answers of the training pairs become less likely.",
        "Do both log-probabilities fall?",
        "log-ratio of 24 pairs at the end, mean of three rules, five seeds",
        lambda: log_ratios("rejected"),
        below(0.0),
        SAMPLED,
    ),
    Claim(
        "17-flat",
        "With the adapter left on in the reference the loss stays at log 2 in every "
        "step.",
        "What each one looks like",
        "the largest distance to log 2 in the log of one run",
        flat_log,
        below(1e-3),
    ),
    Claim(
        "17-swapped",
        "In one seed swapped pairs made first sentences longer, with a loss that fell.",
        "The clinic, in English (core)",
        "the upper end of one run's interval over prompts",
        swapped_at_best,
        below(0.0),
    ),
    Claim(
        "17-split",
        "No prompt is on both sides when prompts, and not pairs, are held out.",
        "Prompts, answers, a rule, pairs (core)",
        "prompts that the two sides share, seed 0",
        shared_prompts,
        near(0.0),
    ),
)
