"""Chapter 13: right answers in unusual styles."""

import functools
import math
from fractions import Fraction

import numpy as np
import torch

from dpo_edu.bradley_terry import preference_matrix
from dpo_edu.dpo_loss import dpo_loss


def displacement__python_loop(logp_before, logp_after):
    """An explicit loop with a counter; the share is an exact Fraction turned into a float."""
    change, hits = [], 0
    for (c0, r0), (c1, r1) in zip(logp_before.tolist(), logp_after.tolist()):
        change.append(c1 - c0)
        hits += c1 < c0 and c1 - r1 > c0 - r0
    return np.array(change, dtype=np.float64), float(Fraction(hits, len(change)))


def displacement__matrix_product(logp_before, logp_after):
    """Columns unpacked by transposing; margins by subtract; the share as a numpy scalar."""
    (c0, r0), (c1, r1) = logp_before.T, logp_after.T
    return c1 - c0, np.mean(np.logical_and(np.less(c1, c0), np.greater(c1 - r1, c0 - r0)))


def displacement__torch(logp_before, logp_after):
    """In torch, with torch.signbit-free comparisons, and back to numpy; the share is a 0-d array."""
    before, after = torch.tensor(logp_before), torch.tensor(logp_after)
    fell = after[:, 0].lt(before[:, 0])
    wider = (after[:, 0] - after[:, 1]).gt(before[:, 0] - before[:, 1])
    return (after[:, 0] - before[:, 0]).numpy(), (fell & wider).double().mean().numpy()


def find_the_bug_reference__constants_before_loop(logits, chosen, rejected, beta, rate, steps):
    """Computes the reference's log-probabilities once, before the loop, and rebinds the policy."""
    ref_logp = logits.detach().log_softmax(-1)
    rc, rr = ref_logp[chosen], ref_logp[rejected]
    policy, losses = logits.detach().clone(), []
    for _ in range(steps):
        policy.requires_grad_(True)
        logp = policy.log_softmax(-1)
        loss = dpo_loss(logp[chosen], logp[rejected], rc, rr, beta)
        loss.backward()
        policy = policy.detach() - rate * policy.grad
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64), policy.log_softmax(-1)


def find_the_bug_reference__closed_form_gradient(logits, chosen, rejected, beta, rate, steps):
    """No autograd: the gradient by hand, scattered with index_add; the softmax cancels in the gap."""
    policy = logits.detach().clone()
    start = (logits[chosen] - logits[rejected]).detach()
    losses = torch.empty(steps, dtype=torch.float64)
    for step in range(steps):
        margin = beta * (policy[chosen] - policy[rejected] - start)
        losses[step] = -torch.nn.functional.logsigmoid(margin).mean()
        push = rate * beta * torch.sigmoid(-margin) / len(chosen)
        policy = policy.index_add(0, chosen, push).index_add(0, rejected, -push)
    return losses, policy - policy.logsumexp(0)


def find_the_bug_length__row_by_row(logp, ref_logp, mask):
    """A list comprehension: picks the response's entries of each row, then sums."""
    return torch.stack([(p[m] - r[m]).sum() for p, r, m in zip(logp, ref_logp, mask)])


def find_the_bug_length__index_add(logp, ref_logp, mask):
    """Scatters the response tokens onto their rows with index_add."""
    rows, columns = mask.nonzero(as_tuple=True)
    ratio = logp[rows, columns] - ref_logp[rows, columns]
    return torch.zeros(len(mask), dtype=logp.dtype).index_add(0, rows, ratio)


def find_the_bug_length__einsum(logp, ref_logp, mask):
    """masked_fill on each, two sums by einsum, then the difference."""
    p, r = (x.masked_fill(mask.logical_not(), 0) for x in (logp, ref_logp))
    return torch.einsum("bt->b", p) - torch.einsum("bt->b", r)


def find_the_bug_flips__take_along_axis(chosen, rejected, uniform, rate):
    """Stacks both sides and picks by fancy indexing: index 1 where the pair is flipped."""
    both = np.stack([chosen, rejected])
    flip = (uniform < rate).astype(int)
    pair = np.arange(len(flip))
    return both[flip, pair], both[1 - flip, pair]


def find_the_bug_flips__xor(chosen, rejected, uniform, rate):
    """The XOR trick of exchanging integers without a temporary variable."""
    difference = (chosen ^ rejected) * (uniform < rate)[:, None]
    return chosen ^ difference, rejected ^ difference


def find_the_bug_flips__copied_rows(chosen, rejected, uniform, rate):
    """The given loop with copies of the rows."""
    chosen, rejected = chosen.copy(), rejected.copy()
    for pair in np.flatnonzero(uniform < rate):
        chosen[pair], rejected[pair] = rejected[pair].copy(), chosen[pair].copy()
    return (chosen, rejected)


def find_the_bug_pooling__tensordot(reward, share):
    """tensordot of the shares with the stacked matrices."""
    return np.tensordot(share, np.stack(list(map(preference_matrix, reward))), axes=1)


def find_the_bug_pooling__reduce(reward, share):
    """functools.reduce over the groups, skipping empty ones."""
    n = reward.shape[1]
    return functools.reduce(
        lambda total, group: total + group[0] * preference_matrix(group[1]) if group[0] else total,
        zip(share, reward),
        np.zeros((n, n)),
    )


def find_the_bug_pooling__tanh(reward, share):
    """Does not use preference_matrix: sigmoid(d) = (1 + tanh(d / 2)) / 2, in one einsum."""
    d = reward[:, :, None] - reward[:, None, :]
    return np.einsum("k,kij->ij", share, (1 + np.tanh(d / 2)) / 2)


def predict_the_lost_mass__expm1():
    """With expm1 and a numpy dot product."""
    return -np.dot([0.2, 0.3], np.expm1([-0.5, -2.0]))


def predict_the_noisy_gap__atanh(*_ignored):
    """logit p = 2 atanh(2 p - 1)."""
    keep, p = 0.8, 0.9
    return 2 * math.atanh((2 * p - 1) * (2 * keep - 1)) / 0.5


def predict_the_runaway__simulated():
    """Really runs the 1000 steps with autograd."""
    z = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    for _ in range(1000):
        logp = z.log_softmax(0)
        ref = logp.detach()
        loss = dpo_loss(logp[:1], logp[1:], ref[:1], ref[1:], 0.3)
        (g,) = torch.autograd.grad(loss, z)
        with torch.no_grad():
            z -= 0.02 * g
    return (z[0] - z[1]).detach()
