"""Counting a transformer: its parameters, and the arithmetic of one pass.

    FLOPs of a forward pass = 2 * tokens * (weights in matrix products) + attention
    training = about 3 forward passes (Kaplan et al. 2020)

This module does not know how fast any machine is.
"""

from torch import nn

from ..tiny_transformer import ModelConfig
from ..validation import require_type, require_whole


def parameter_count(model: nn.Module) -> int:
    """How many numbers the model learns."""
    require_type(nn.Module, model=model)
    return sum(weight.numel() for weight in model.parameters())


def forward_flops(config: ModelConfig, tokens: int) -> int:
    """Multiplications and additions of one forward pass over one sequence.

    Per token, two for each weight of a matrix product (12 C^2 per layer, C V in the
    head), and two for each of the 2 C T products with the T positions of the sequence
    (the masked future is computed and thrown away, so it counts).
    """
    require_type(ModelConfig, config=config)
    require_whole(0, tokens=tokens)
    matrices = 12 * config.layers * config.width**2 + config.width * config.vocabulary
    attention = 2 * config.layers * config.width * tokens
    return 2 * tokens * (matrices + attention)
