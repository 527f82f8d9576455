"""Products of matrices in bfloat16, weights in float32.

What goes into a product is rounded to 8 significant bits, and so is what comes out; it
stays bfloat16 until it meets float32, as in the sum x + mlp(x). Backward follows.
Weights, Adam's moments and log-probabilities stay float32. A GPU multiplies such
matrices several times faster. This module does not know what is being trained.
"""

import torch
from torch import nn


class Bfloat16(nn.Module):
    """A policy that computes ``model``'s logits in bfloat16: tokens to (B, T, V).

    It holds the model, not a copy: train ``model`` on a loss of the wrapper.
    ``sequence_logprob`` takes half-precision logits to float32 before the softmax.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, tokens):
        with torch.autocast(tokens.device.type, dtype=torch.bfloat16):
            return self.model(tokens)
