"""Right answers of chapter 13 that are written in unusual ways."""

import math

import numpy as np
import torch

from dpo_edu.bradley_terry import preference_matrix
from dpo_edu.workbook.known_wrong.failure_modes import (
    DISPLACEMENT,
    FLIPS,
    LENGTH,
    MASS,
    NOISY,
    POOLING,
    REFERENCE,
    RUNAWAY,
    descend,
    gap_at,
)

from . import right


@right(DISPLACEMENT)
def in_two_lines(logp_before, logp_after):
    chosen, rejected = (logp_after - logp_before).T
    return chosen, float(np.mean((chosen < 0) & (rejected < chosen)))


@right(DISPLACEMENT)
def in_a_loop(logp_before, logp_after):
    change, displaced = [], []
    for before, after in zip(logp_before, logp_after, strict=True):
        change.append(after[0] - before[0])
        displaced.append(before[0] > after[0] and np.diff(after) < np.diff(before))
    return np.array(change), sum(map(bool, displaced)) / len(displaced)


@right(REFERENCE)
def reference_is_the_argument(logits, chosen, rejected, beta, rate, steps):
    return descend(logits, logits, (chosen, rejected), beta, rate, steps)


@right(REFERENCE)
def reference_log_probabilities_first(logits, chosen, rejected, beta, rate, steps):
    table, losses = logits.clone(), []
    start = logits.log_softmax(-1)
    start = start[chosen] - start[rejected]
    for _ in range(steps):
        gap = table[chosen] - table[rejected] - start
        losses.append(torch.nn.functional.softplus(-beta * gap).mean())
        weight = rate * beta * torch.sigmoid(-beta * gap) / len(chosen)
        table = table.index_add(0, chosen, weight).index_add(0, rejected, -weight)
    return torch.stack(losses), table.log_softmax(-1)


@right(LENGTH)
def row_by_row(logp, ref_logp, mask):
    rows = zip(logp, ref_logp, mask, strict=True)
    return torch.stack([p[m].sum() - q[m].sum() for p, q, m in rows])


@right(LENGTH)
def filled_with_zeros(logp, ref_logp, mask):
    ours, theirs = (x.masked_fill(~mask, 0.0).sum(-1) for x in (logp, ref_logp))
    return ours - theirs


@right(FLIPS)
def with_a_copy_of_the_row(chosen, rejected, uniform, rate):
    chosen, rejected = chosen.copy(), rejected.copy()
    for pair in np.flatnonzero(uniform < rate):
        kept = chosen[pair].copy()
        chosen[pair] = rejected[pair]
        rejected[pair] = kept
    return chosen, rejected


@right(FLIPS)
def with_a_list_of_indices(chosen, rejected, uniform, rate):
    both = np.stack([chosen, rejected])
    flip = np.flatnonzero(uniform < rate)
    both[:, flip] = both[::-1, flip]  # indexing with a list makes a copy
    return both[0], both[1]


@right(POOLING)
def one_tensor_product(reward, share):
    return np.tensordot(share, preference_matrix(reward), 1)


@right(POOLING)
def entry_by_entry(reward, share):
    gaps = reward[:, :, None] - reward[:, None]
    return (share[:, None, None] * (1 + np.tanh(gaps / 2)) / 2).sum(0)


@right(MASS)
def mass_by_the_ledger():
    before, after = 1 - 0.2 - 0.3, 1 - 0.2 * math.exp(-0.5) - 0.3 * math.exp(-2)
    return after - before


@right(MASS)
def mass_to_three_digits():
    return 0.338


@right(NOISY)
def gap_through_the_contraction():
    return gap_at(0.5 + (0.9 - 0.5) * (1 - 2 * 0.2))


@right(NOISY)
def gap_to_three_digits():
    return 2.09


@right(RUNAWAY)
def runaway_in_a_loop():
    logits = [0.0, 0.0]
    for _ in range(1000):
        logits = [logits[0] + 0.02 * 0.15, logits[1] - 0.02 * 0.15]
    return logits[0] - logits[1]


@right(RUNAWAY)
def runaway_as_an_integer():
    return 6
