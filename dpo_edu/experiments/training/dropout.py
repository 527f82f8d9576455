"""A policy with dropout beside a reference without: the first loss is not log 2.

The course's transformer has no dropout, so it is added here, on what enters the blocks.
This module does not know whether dropout would help training; it changes a measurement.
"""

from copy import deepcopy

import torch
from torch import nn

from ...sequence_logprob import sequence_logprob


def with_dropout(model, rate: float) -> nn.Module:
    """Copy ``model``; zero a share ``rate`` of what enters the copy's blocks."""
    noisy = deepcopy(model)
    noisy.blocks = nn.Sequential(nn.Dropout(rate), *noisy.blocks)
    return noisy.train()


@torch.no_grad()
def first_log_ratios(model, rate, tokens, mask, seed=0) -> torch.Tensor:
    """Log-ratios (B,) of a policy with dropout to the same model without it."""
    ref_logp = sequence_logprob(model(tokens), tokens, mask)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        logp = sequence_logprob(with_dropout(model, rate)(tokens), tokens, mask)
    return logp - ref_logp
