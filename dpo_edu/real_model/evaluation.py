"""What has training done to the answers? Measured on prompts that were held out.

A difference between two policies is taken prompt by prompt, so that what a prompt does
to both cancels; its interval is one over prompts, of this one run. The KL divergence of
chapter 03 is estimated by its definition, the mean of log pi - log pi_ref over answers
that the policy itself wrote and noted log pi of. This module trains nothing.
"""

from collections.abc import Callable, Sequence
from math import comb
from typing import NamedTuple

import numpy as np
import torch

from ..validation import require, require_whole
from .rules import RULES, UNTRAINED
from .sampling import Answer, asked
from .scoring import Group, Scorer, logp_of_all

NORMAL = 1.96  # 97.5 % quantile of the normal distribution
Written = Sequence[Sequence[Answer]]  # of each prompt, its answers


class Estimate(NamedTuple):
    """A mean over prompts and the half-width of its 95 % interval."""

    mean: float
    half: float


def estimate(values) -> Estimate:
    """Of numbers that are independent of each other: one per prompt.

    >>> estimate([3.0, 3.0, 3.0])
    Estimate(mean=3.0, half=0.0)
    """
    values = np.asarray(values, dtype=float)
    require(
        values.ndim == 1 and len(values) > 1, "an interval needs two prompts or more"
    )
    half = NORMAL * values.std(ddof=1) / np.sqrt(len(values))
    return Estimate(float(values.mean()), float(half))


def by_prompt(score: Callable[[str], float], written: Written) -> np.ndarray:
    """The mean score of each prompt's answers: (prompts,)."""
    return np.array([np.mean([score(a.text) for a in answers]) for answers in written])


def best_of_n(scores: Sequence[float], n: int) -> float:
    """The expected best of ``n`` answers drawn from these without putting back.

    The i-th smallest of m is the best of n with chance C(i - 1, n - 1) / C(m, n).

    >>> round(best_of_n([0.0, 1.0, 8.0], 2), 4), best_of_n([0.0, 1.0, 8.0], 3)
    (5.6667, 8.0)
    """
    require_whole(1, len(scores), n=n)
    chances = [comb(i, n - 1) / comb(len(scores), n) for i in range(len(scores))]
    return sum(p * score for p, score in zip(chances, sorted(scores), strict=True))


def measured(
    scorer: Scorer,
    tokenizer,
    prompts: Sequence[str],
    written: Written,
    is_reference: bool = False,
) -> dict:
    """All that is said of one policy: rules, lengths, variety, distance from reference.

    ``scorer.model`` is the policy, its adapter switched on, which wrote the answers.
    The reference, which wrote its own, need not read them again.
    """
    groups = [
        Group(asked(tokenizer, prompt), [answer.tokens for answer in answers])
        for prompt, answers in zip(prompts, written, strict=True)
    ]
    logp = [torch.tensor([answer.logp for answer in answers]) for answers in written]
    ref_logp = logp
    if not is_reference:
        with scorer.model.disable_adapter():
            ref_logp = logp_of_all(scorer, groups)
    answers = [answer for each in written for answer in each]
    tokens = sum(len(answer.tokens) for answer in answers)
    kl = [float((a - b).mean()) for a, b in zip(logp, ref_logp, strict=True)]
    return {
        "rules": rule_means(written),
        "tokens": tokens / len(answers),
        "ended": sum(answer.ended for answer in answers) / len(answers),
        "distinct": len({answer.text for answer in answers}) / len(answers),
        "ref_logp": estimate([float(each.mean()) for each in ref_logp])._asdict(),
        "ref_logp_per_token": float(sum(each.sum() for each in ref_logp)) / tokens,
        "kl": estimate(kl)._asdict(),
    }


def rule_means(written: Written) -> dict[str, dict]:
    """Every rule's mean and interval, the one that nobody trains on included."""
    return {
        name: estimate(by_prompt(rule.score, written))._asdict()
        for name, rule in (RULES | UNTRAINED).items()
    }


def differences(before: Written, after: Written) -> dict[str, dict]:
    """Of every rule, after - before, paired by prompt."""
    return {
        name: estimate(
            by_prompt(rule.score, after) - by_prompt(rule.score, before)
        )._asdict()
        for name, rule in (RULES | UNTRAINED).items()
    }


def best_of_n_difference(score: Callable, before: Written, n: int) -> dict[str, float]:
    """What picking the best of ``n`` by the rule itself gains, without training."""
    gains = []
    for answers in before:
        scores = [score(answer.text) for answer in answers]
        gains.append(best_of_n(scores, n) - best_of_n(scores, 1))
    return estimate(gains)._asdict()
