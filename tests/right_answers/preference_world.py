"""Right answers of chapter 10 that are written in unusual ways."""

import math

import numpy as np

from dpo_edu.workbook.known_wrong.preference_world import (
    CONTRARY,
    COUNT,
    KL,
    LABEL,
    PAIRS,
    TREE,
    UNSEEN,
    joined,
    parts,
    sigmoid,
)

from . import right


@right(LABEL)
def with_a_list(reward_a, reward_b, uniform):
    gaps = zip(reward_a - reward_b, uniform, strict=True)
    with np.errstate(over="ignore"):
        return np.array([bool(u < 1 / (1 + np.exp(-gap))) for gap, u in gaps])


@right(LABEL)
def through_the_quantile(reward_a, reward_b, uniform):
    with np.errstate(divide="ignore"):
        return np.log(uniform) - np.log1p(-uniform) < reward_a - reward_b


@right(LABEL)
def through_logarithms(reward_a, reward_b, uniform):
    with np.errstate(divide="ignore"):
        return np.log(uniform) < reward_a - np.logaddexp(reward_a, reward_b)


@right(LABEL)
def through_torch(reward_a, reward_b, uniform):
    import torch

    a, b, u = (torch.from_numpy(x) for x in (reward_a, reward_b, uniform))
    return (u < torch.sigmoid(a - b)).numpy()


@right(KL)
def over_what_happens(logp, ref_logp):
    totals = []
    for row, ref_row in zip(logp, ref_logp, strict=True):
        happens = np.isfinite(row)
        p, ratio = np.exp(row[happens]), row[happens] - ref_row[happens]
        totals.append(np.inf if np.isinf(ratio).any() else np.dot(p, ratio))
    return np.array(totals)


@right(KL)
def with_a_mask(logp, ref_logp):
    with np.errstate(invalid="ignore"):
        ratio = np.where(logp == -np.inf, 0.0, logp - ref_logp)
        terms = np.exp(logp) * ratio
        return np.einsum("pr->p", np.where(ratio == np.inf, np.inf, terms))


@right(KL)
def with_floats(logp, ref_logp):
    found = [
        math.fsum(
            math.exp(p) * (p - q) if q > -math.inf else math.inf
            for p, q in zip(*rows, strict=True)
            if p > -1e9
        )
        for rows in zip(logp.tolist(), ref_logp.tolist(), strict=True)
    ]
    return np.array(found)


@right(TREE)
def by_broadcasting(first, second):
    return joined(*parts(first, second))


@right(TREE)
def level_by_level(first, second):
    import torch

    from dpo_edu.preference_world.prefix_tree import unfold

    levels = [torch.from_numpy(first)[None], torch.from_numpy(second)]
    return unfold(levels).numpy()


@right(TREE)
def with_indices(first, second):
    found, words = [], len(second)
    for numbers in [(), *((v,) for v in range(words))]:
        steps = first if not numbers else first[numbers[0]] + second[numbers[0]]
        found.append(steps[words])
    for pair in np.ndindex(words, words):
        found.append(first[pair[0]] + second[pair])
    return np.array(found)


@right(PAIRS)
def other_of_the_two(first, second, reward_first, reward_second, uniform):
    chosen = np.where(uniform < sigmoid(reward_first - reward_second), first, second)
    return chosen, first + second - chosen


@right(PAIRS)
def pair_by_pair(first, second, reward_first, reward_second, uniform):
    chosen, rejected = np.empty_like(first), np.empty_like(first)
    verdicts = uniform < sigmoid(reward_first - reward_second)
    for row, first_wins in enumerate(verdicts):
        pair = (first[row], second[row]) if first_wins else (second[row], first[row])
        chosen[row], rejected[row] = pair
    return chosen, rejected


@right(COUNT)
def geometric_sum():
    return (4**4 - 1) // (4 - 1)


@right(COUNT)
def as_a_float():
    return 85.0


@right(CONTRARY)
def three_digits():
    return 0.182


@right(CONTRARY)
def one_minus_the_better():
    return np.float64(1 - sigmoid(1.5))


@right(UNSEEN)
def one_over_e():
    return math.exp(-1)


@right(UNSEEN)
def through_log1p():
    return math.exp(1000 * math.log1p(-0.001))
