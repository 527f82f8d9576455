"""Sure labels in a free table: the exact course of what the transformer does roughly.

With label 1 for the better response and 1/2 for a tie, only the reward's level counts:
lifting whole levels, with the reference's proportions inside each, serves every label.
So one logit a level is enough, and where it ends is known: all probability on the best
level, KL(pi || pi_ref) = -log pi_ref(best).
This module does not know transformers.
"""

import numpy as np
import torch

from ...divergence import kl_from_logs
from ...dpo_loss import population_loss
from ...training import take_step
from ..shared_start import shared_start

LEVELS = (-3.0, -1.5, 0.0, 1.5, 3.0)  # the rewards that the world knows
ABSENT = 1e-300  # a level that a prompt does not have takes no part, and stays finite


def level_logp() -> np.ndarray:
    """Log of the reference's probability of each level of reward: (P, levels)."""
    data, reference, _ = shared_start()
    is_level = data.world.reward[..., None] == LEVELS  # (P, R, L)
    levels = np.einsum("pr,prl->pl", np.exp(reference.logp), is_level)
    return np.log(np.maximum(levels, ABSENT))


def ceiling() -> float:
    """-log pi_ref(best level), averaged over prompts: the KL that no beta sets."""
    return float(-level_logp()[:, -1].mean())


def sure_table(beta: float, steps: int = 5_000) -> list[dict]:
    """Adam on the population loss with sure labels; rows at 1, 2, 3, 5, ... steps."""
    ref_logp = torch.from_numpy(level_logp())  # (P, L)
    better = torch.tril(torch.ones(len(ref_logp), len(LEVELS), len(LEVELS))).double()
    weight = (ref_logp[:, :, None] + ref_logp[:, None, :]).exp()  # how often compared
    table, rows = ref_logp.clone().requires_grad_(True), []
    optimizer = torch.optim.Adam([table], lr=0.05)
    shown = set(np.geomspace(1, 5_000, 50).astype(int))
    for step in range(1, steps + 1):
        logp = table.log_softmax(-1)
        loss = population_loss(logp, ref_logp, better, beta, weight).mean()
        if step in shown:
            rows.append({"step": step} | _row(logp.detach(), ref_logp, weight, beta))
        take_step(optimizer, loss)
    return rows


def _row(logp, ref_logp, weight, beta) -> dict[str, float]:
    low, high = torch.triu_indices(len(LEVELS), len(LEVELS), offset=1)
    moved = beta * (logp - ref_logp)  # implicit rewards, (P, L)
    margin = moved[:, high] - moved[:, low]  # (P, pairs of levels)
    often = weight[:, high, low]
    table, ref_table = logp.numpy(), ref_logp.numpy()
    return {
        "margin": ((often * margin).sum(-1) / often.sum(-1)).mean().item(),
        "kl_from_reference": float(kl_from_logs(table, ref_table).mean()),
        "kl_of_reference": float(kl_from_logs(ref_table, table).mean()),
    }
