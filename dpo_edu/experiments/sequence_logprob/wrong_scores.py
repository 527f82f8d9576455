"""DPO with log pi(y|x) right and wrong: what a mistake in the score teaches a policy.

All pairs of the language's 85 answers are compared, with exact Bradley-Terry labels, so
that nothing is left to chance: the right score reaches pi* to rounding.
This module does not know transformers: its policies are tables.
"""

from typing import NamedTuple

import torch

from ...boltzmann import optimal_logp
from ...bradley_terry import preference_matrix
from ...divergence import kl_from_logs
from ...dpo_loss import population_loss
from ...sequence_logprob import sequence_logprob
from .toy_language import Language


class Fit(NamedTuple):
    """How DPO went with one way to score answers, in nats."""

    first_loss: float
    last_loss: float
    kl: float  # KL(policy || pi*), both scored correctly


def fit(score, world: Language, beta: float = 1.0) -> Fit:
    """Minimize the DPO loss over all pairs, with exact labels and this ``score``.

    The policy is a table of logits, free after every prefix, so pi* is within reach.
    """
    table, place = free_table(world)
    preference = torch.from_numpy(preference_matrix(world.reward.numpy()))
    ref_logp = score(world.logits, world.tokens, world.mask)
    optimizer = torch.optim.LBFGS([table], max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        logp = score(table[place], world.tokens, world.mask)
        value = population_loss(logp, ref_logp, preference, beta)
        value.backward()
        return value

    first = optimizer.step(loss)  # returns the loss before its first move
    return Fit(first.item(), loss().item(), miss(table.detach()[place], world, beta))


def free_table(world: Language) -> tuple[torch.nn.Parameter, tuple]:
    """Logits to train, and the index that reads (B, T, V) from them.

    Rows that begin alike share their logits up to there, as a model's would.
    """
    place = prefix_rows(world.tokens), torch.arange(world.tokens.shape[1])
    return torch.nn.Parameter(world.logits.clone()), place


def miss(logits, world: Language, beta: float) -> float:
    """KL from the policy with these logits to the optimal policy."""
    logp, ref_logp = (
        sequence_logprob(each, world.tokens, world.mask).numpy()
        for each in (logits, world.logits)
    )
    return float(kl_from_logs(logp, optimal_logp(ref_logp, world.reward.numpy(), beta)))


def prefix_rows(tokens) -> torch.Tensor:
    """For every position the first row with the same tokens up to there: (B, T)."""
    same = (tokens[:, None] == tokens[None]).cumprod(-1)  # (B, B, T)
    return same.argmax(1)  # (B, T)
