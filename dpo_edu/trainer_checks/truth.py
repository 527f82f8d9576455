"""What is right: log pi(y|x) by enumeration, and the loss of a batch from it.

The tree reads one prefix at a time without padding, so it cannot make the mistakes that
it is there to find. This module does not know what a trainer says.
"""

from itertools import product

import torch

from ..dpo_loss import dpo_loss
from ..preference_world.prefix_tree import unfold
from ..sequence_logprob import sequence_logprob
from .adapter import MEAN
from .language import Batch, all_responses, laid_out
from .words import EOS, MOST, PROMPTS, Rows

BETAS = (0.1, 0.7)


def read(model, tokens, seen=None) -> torch.Tensor:
    """A model's logits, (B, T, V), in float64."""
    seen = torch.ones_like(tokens) if seen is None else seen.long()
    out = model(input_ids=tokens, attention_mask=seen)
    return getattr(out, "logits", out).double()


@torch.no_grad()
def tree_logp(model) -> torch.Tensor:
    """log pi(y|x) of all responses to all prompts, (P, 85), off the prefix tree."""
    return torch.stack([unfold(_levels(model, prompt)) for prompt in PROMPTS])


def _levels(model, prompt) -> list[torch.Tensor]:
    """What may follow the prompt and t words: (V^t, V + 1) for each t."""
    levels = []
    for depth in range(MOST):
        prefixes = [[*prompt, *words] for words in product(range(EOS), repeat=depth)]
        logits = read(model, torch.tensor(prefixes))[:, -1]  # (V^t, V)
        levels.append(logits.log_softmax(-1)[:, : EOS + 1])
    return levels


def all_logp(model, conventions=()) -> torch.Tensor:
    """The right scores of ``all_rows``: (B,)."""
    logp = tree_logp(model)  # (P, 85)
    if MEAN in conventions:
        logp = logp / torch.tensor([len(y) for y in all_responses()])
    return logp.flatten()


def rows_logp(model, batch: Batch, conventions=()) -> torch.Tensor:
    """The right scores of some rows, through which gradients flow: (B,)."""
    logits = read(model, batch.rows.tokens, batch.real)
    logp = sequence_logprob(logits, *batch.rows)
    return logp / batch.rows.mask.sum(-1) if MEAN in conventions else logp


def four_logp(policy, reference, pairs, conventions=()) -> list[torch.Tensor]:
    """Of chosen and rejected, under policy and reference."""
    return [
        rows_logp(m, side, conventions) for m in (policy, reference) for side in pairs
    ]


def pair_loss(policy, reference, pairs, beta: float, conventions=()) -> torch.Tensor:
    """The DPO loss of a batch: the mean over its pairs."""
    return dpo_loss(*four_logp(policy, reference, pairs, conventions), beta)


def pair_batches(sizes) -> list[tuple[Batch, Batch]]:
    """Batches of pairs, (chosen, rejected), of responses that differ in length.

    Both sides of a batch are padded to one width.
    """
    responses, batches, number = all_responses(), [], 0
    for size in sizes:
        taken = [_pair(n) for n in range(number, number + size)]
        number += size
        prompts = [list(PROMPTS[x]) for x, _, _ in taken] * 2
        both = [responses[y] for _, y, _ in taken] + [responses[y] for _, _, y in taken]
        whole = laid_out(prompts, both)
        batches.append((_part(whole, 0, size), _part(whole, size, 2 * size)))
    return batches


def _pair(number: int) -> tuple[int, int, int]:
    """Prompt, chosen, rejected: by turns a long and a short response is chosen."""
    long, short = 21 + (7 * number) % 64, (3 * number) % 21
    chosen, rejected = (long, short) if number % 2 else (short, long)
    return number % len(PROMPTS), chosen, rejected


def _part(batch: Batch, start: int, stop: int) -> Batch:
    here = slice(start, stop)
    rows = Rows(*(each[here] for each in batch.rows))
    return Batch(rows, batch.real[here], batch.prompts[here], batch.responses[here])


def gradient(model, value) -> torch.Tensor:
    """d value / d weights, all in one row; zeros where a weight has no part in it."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    found = torch.autograd.grad(value, weights, allow_unused=True)
    return torch.cat(
        [
            (torch.zeros_like(w) if g is None else g).flatten().double()
            for w, g in zip(weights, found, strict=True)
        ]
    )
