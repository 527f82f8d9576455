"""What each variant would learn from infinitely many labels, in a free table.

    minimize  sum_ij q_i q_j P(i beats j) loss(i over j),  policy = ref exp(log-ratio)

Responses that beat the others at the same rates share a log-ratio, so a world of
thousands of them is a table of a few groups. Losses without a reference are left out,
but for SimPO: its best scores per token are alike in a group too, and normalizing them
gives a policy that has forgotten the reference. This module knows no world.
"""

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import torch

from ..root_finding import bisect
from ..training import take_step
from ..validation import (
    require,
    require_between,
    require_callable,
    require_positive,
    require_shape,
)
from ..validation.arrays import distributions, not_negative, positive, probabilities
from .losses import kto_loss, simpo_loss
from .optima import Compared

STEPS, RATE = 300, 0.2


def best_log_ratios(loss: Callable, share, preference, length=None) -> np.ndarray:
    """log(pi / ref) of every group at the least expected loss of pairs: (P, G).

    loss: a function of a ``Compared`` that reads log-ratios and lengths, or log pi up
    to a constant of each group. share: (P, G), the reference's probability of each
    group, 0 where a prompt has none. preference: (G, G), entry [i, j] = P(i beats j).
    length: (G,) tokens, 1 if not given.
    """
    require_callable(loss=loss)
    share, often = _tables(share, preference)
    tokens = torch.as_tensor(_lengths(length, share))
    zero = torch.zeros((), dtype=torch.float64)

    def one(chosen, rejected, longer, other):
        return loss(Compared(chosen, rejected, zero, zero, longer, other))

    def expected(table):
        log_ratio = _normalized(table, share)
        return (often * _every_pair(one, log_ratio, tokens)).sum()

    return _normalized(_descend(expected, share), share).numpy()


def _lengths(length, share) -> np.ndarray:
    """``length`` (G,), checked; ones if there is none."""
    length = np.ones(share.shape[1]) if length is None else positive(length=length)
    require_shape((share.shape[1],), length=length)
    return length


def best_log_ratios_from_thumbs(share, approval, beta, ups=1.0) -> np.ndarray:
    """The same for KTO with reference point 0, where its clamped estimate stands.

    approval: (P, G), the rate of thumbs up. ups: KTO's weight of them, beside 1 for
    downs. Strictly an infimum: groups that are approved at a rate below 1 / (1 + ups)
    lose their probability bit by bit, and the search ends when it is negligible.
    """
    share, approval = distributions(share=share), probabilities(approval=approval)
    require_shape((None, None), share=share)
    require_shape(share.shape, approval=approval)
    require_positive("beta", beta)
    require_positive("ups", ups)
    share, approval = torch.as_tensor(share), torch.as_tensor(approval)
    thumbs, weights = torch.tensor([True, False]), (ups, 1.0)
    one = torch.vmap(
        lambda x, up: kto_loss(x, up, 0.0, beta, weights), in_dims=(0, None)
    )

    def expected(table):
        log_ratio = _normalized(table, share)
        up, down = (one(log_ratio.flatten(), x).view_as(share) for x in thumbs)
        return (share * (approval * up + (1 - approval) * down)).sum()

    return _normalized(_descend(expected, share), share).numpy()


def simpo_logp(share, preference, beta, gamma, length, count) -> np.ndarray:
    """SimPO's best log pi of one response of each group: (P, G).

    length: (G,) tokens; count: (P, G) responses. The loss fixes scores per token up to
    a constant, which the sum of all probabilities decides. ref enters nowhere else.
    """
    share, often = _tables(share, preference)
    length, count = positive(length=length), not_negative(count=count)
    require_shape(tuple(share.shape[1:]), length=length)
    require_shape(tuple(share.shape), count=count)
    require(count.any(axis=-1).all(), "count must be above 0 somewhere on each prompt")
    require_between(0, 100, gamma=gamma)
    one = torch.ones((), dtype=torch.float64)  # scores are per token already
    scored = {"length_chosen": one, "length_rejected": one, "beta": beta}
    loss = partial(simpo_loss, **scored, gamma=gamma)

    def expected(score):
        return (often * _every_pair(lambda i, j, *_: loss(i, j), score)).sum()

    score = _descend(expected, share).numpy()
    with np.errstate(divide="ignore"):
        return length * (score + _constant(score, length, np.log(count)))


def _constant(score, length, log_count):
    """What to add to every score (P, G), so that probabilities sum to 1: (P, 1)."""

    def mass(constant):
        logp = length * (score + constant[:, None])
        return np.logaddexp.reduce(log_count + logp, axis=-1)

    edge = np.full(len(score), 100.0) + np.abs(score).max()
    return bisect(mass, -edge, edge)[:, None]


def _tables(share, preference):
    share, preference = distributions(share=share), probabilities(preference=preference)
    require_shape((None, None), share=share)
    require_shape((share.shape[1],) * 2, preference=preference)
    share = torch.as_tensor(share)
    return share, share[:, :, None] * share[:, None, :] * torch.as_tensor(preference)


def _every_pair(one: Callable, values, length=None):
    """one(i, j, tokens of i, tokens of j) for all pairs of a row: (P, G) to (P, G, G).

    length: (G,), 1 if not given. Pairs of equal lengths go together: a loss that looks
    at lengths finds plain numbers there.
    """
    length = torch.ones(values.shape[1]) if length is None else length
    table = values.new_zeros((*values.shape, values.shape[1]))
    for n, m in product(length.unique(), repeat=2):
        i, j = ((length == tokens).nonzero()[:, 0] for tokens in (n, m))
        sides = torch.broadcast_tensors(values[:, i, None], values[:, None, j])
        losses = torch.vmap(partial(_of_lengths, one, n, m))(*map(torch.ravel, sides))
        table[:, i[:, None], j] = losses.view_as(sides[0])
    return table


def _of_lengths(one, n, m, chosen, rejected):
    return one(chosen, rejected, n, m)


def _normalized(table, share):
    """Log-ratios of the policy ref * exp(table) / Z: (P, G)."""
    return table - (share.log() + table).logsumexp(-1, keepdim=True)


def _descend(expected: Callable, share):
    """Adam from the reference with a rate that falls to 0."""
    table = torch.zeros_like(share).requires_grad_(True)
    optimizer = torch.optim.Adam([table], lr=RATE, betas=(0.9, 0.99))
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / STEPS)
        take_step(optimizer, expected(table))
    return table.detach()
