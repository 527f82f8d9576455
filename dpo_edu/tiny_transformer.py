"""A GPT-2-shaped transformer, small enough to read: pre-norm decoder, causal attention.

    x <- x + attention(norm(x));   x <- x + mlp(norm(x));   logits = norm(x) @ W_head

Radford et al. 2019. Axes: B sequences, T positions, C channels, H heads, D = C / H,
V tokens. No dropout: log-probabilities must not be random. Knows no preferences.
"""

from dataclasses import dataclass

import torch
from torch import nn

from .validation import WholeNumbers, of_type, require
from .validation.tensors import require_drawable, require_heads, require_tokens


@dataclass(frozen=True)
class ModelConfig(WholeNumbers):
    """The five sizes that fix a model."""

    vocabulary: int  # V, <eos> included
    context: int  # the longest sequence, in tokens
    width: int = 32  # C
    layers: int = 1
    heads: int = 2  # H, divides C


def causal_attention(q, k, v) -> torch.Tensor:
    """softmax(q k^T / sqrt(D)) v over positions <= t (Vaswani et al. 2017, eq. 1)."""
    require_heads(q, k, v)
    scores = q / q.shape[-1] ** 0.5 @ k.transpose(-1, -2)  # (B, H, T, T)
    scores += scores.new_full(scores.shape[-2:], -torch.inf).triu(1)  # not the future
    return scores.softmax(-1) @ v  # (B, H, T, D)


class Block(nn.Module):
    """One layer: every position reads earlier ones, then thinks by itself."""

    def __init__(self, config: ModelConfig, attend=causal_attention):
        super().__init__()
        width, self.heads, self.attend = config.width, config.heads, attend
        self.norm_attention, self.norm_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):  # (B, T, C)
        qkv = self.qkv(self.norm_attention(x)).unflatten(-1, (3, self.heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, H, T, D)
        x = x + self.out(self.attend(q, k, v).transpose(1, 2).flatten(2))
        return x + self.down(nn.functional.gelu(self.up(self.norm_mlp(x))))  # (B, T, C)


class TinyTransformer(nn.Module):
    """tokens (B, T) -> logits (B, T, V); logits at t predict the token at t + 1."""

    def __init__(self, config: ModelConfig, attend=causal_attention):
        super().__init__()
        self.config = of_type(ModelConfig, config=config)
        require(config.width % config.heads == 0, "config: heads must divide width")
        self.token = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(config.context, config.width)
        blocks = [Block(config, attend) for _ in range(config.layers)]
        self.blocks, self.norm = nn.Sequential(*blocks), nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        for weight in (p for p in self.parameters() if p.dim() == 2):
            nn.init.normal_(weight, std=0.5 / config.width**0.5)
        nn.init.normal_(self.head.weight, std=0.02)  # untrained: loss near log V

    def forward(self, tokens):  # (B, T)
        require_tokens(tokens, most=self.config.context)
        x = self.token(tokens) + self.position.weight[: tokens.shape[1]]  # (B, T, C)
        return self.head(self.norm(self.blocks(x)))  # (B, T, V)


def sample_token(logits, temperature=1.0, generator=None) -> torch.Tensor:
    """Draw tokens (B,) from softmax(logits / temperature); logits: (B, V)."""
    require_drawable(logits, temperature, generator)
    below = (logits - logits.amax(-1, keepdim=True)) / temperature  # (B, V), best is 0
    return torch.multinomial(below.softmax(-1), 1, generator=generator)[:, 0]  # (B,)
