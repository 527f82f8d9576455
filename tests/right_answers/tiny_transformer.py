"""Right answers of chapter 09 that are written in unusual ways."""

import math

import torch

from dpo_edu.workbook.known_wrong.tiny_transformer import (
    ATTENTION,
    COLD,
    HEADS,
    SAMPLE,
    WEIGHTS,
    drawn,
    masked,
    scaled,
    tempered,
)

from . import right


@right(ATTENTION)
def with_masked_fill(q, k, v):
    return masked(scaled(q, k)).softmax(-1) @ v


@right(ATTENTION)
def with_einsum_and_a_large_negative_number(q, k, v):
    scores = torch.einsum("bhtd,bhsd->bhts", q, k) / q.shape[-1] ** 0.5
    time = torch.arange(q.shape[2])
    scores = torch.where(time[:, None] >= time, scores, -1e9)
    return torch.einsum("bhts,bhsd->bhtd", scores.softmax(-1), v)


@right(ATTENTION)
def with_an_added_triangle_of_infinities(q, k, v):
    bias = torch.full((q.shape[2],) * 2, -math.inf, dtype=q.dtype).triu(1)
    scores = scaled(q, k) + bias
    weights = (scores - scores.amax(-1, keepdim=True)).exp()
    return torch.matmul(weights, v) / weights.sum(-1, keepdim=True)


@right(ATTENTION)
def with_four_loops(q, k, v):
    batch, heads, time, width = q.shape
    rows = [
        [
            [
                (k[b, h, : t + 1] @ q[b, h, t] / width**0.5).softmax(0)
                @ v[b, h, : t + 1]
                for t in range(time)
            ]
            for h in range(heads)
        ]
        for b in range(batch)
    ]
    return torch.stack([torch.stack([torch.stack(h) for h in b]) for b in rows])


@right(SAMPLE)
def with_multinomial(logits, temperature, generator):
    return drawn(tempered(logits, temperature), generator)


@right(SAMPLE)
def with_gumbel_noise(logits, temperature, generator):
    u = torch.rand(logits.shape, generator=generator, dtype=logits.dtype)
    return (logits / temperature - (-u.log()).log()).argmax(-1)


@right(SAMPLE)
def with_an_exponential_race(logits, temperature, generator):
    arrival = torch.empty_like(logits).exponential_(generator=generator)
    return (tempered(logits, temperature) / arrival).argmax(-1)


@right(SAMPLE)
def row_by_row_in_float32(logits, temperature, generator):
    rows = [tempered(row, temperature).float() for row in logits]
    return torch.cat([torch.multinomial(row, 1, generator=generator) for row in rows])


@right(HEADS)
def heads_with_chunks(x, heads):
    return torch.stack(x.chunk(heads, dim=-1), dim=1)


@right(HEADS)
def heads_with_unflatten(x, heads):
    return x.unflatten(-1, (heads, -1)).permute(0, 2, 1, 3)


@right(HEADS)
def heads_one_by_one(x, heads):
    size = x.shape[-1] // heads
    pieces = [x[:, :, h * size : (h + 1) * size] for h in range(heads)]
    return torch.cat([piece.unsqueeze(1) for piece in pieces], dim=1)


@right(WEIGHTS)
def weights_in_digits():
    return 302e6


@right(WEIGHTS)
def weights_layer_by_layer():
    width = 1024
    attention = 3 * width * width + width * width
    network = width * 4 * width + 4 * width * width
    return sum(attention + network for _ in range(24))


@right(COLD)
def cold_in_digits():
    return 0.783


@right(COLD)
def cold_by_softmax():
    logits = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64).log()
    return float((logits / 0.5).softmax(0)[0])
