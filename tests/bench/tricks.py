"""What might make a step faster: each tried alone, by changing what the package does.

A trick is a function of the model: it returns what is put in place of what while the
steps run, as ``patch.object`` takes it. Those of ``WITHOUT`` undo what the package
does, those of ``WITH`` do what it does not.
"""

from contextlib import ExitStack
from unittest.mock import patch

import torch
from torch import nn
from torch.nn import functional as F

from dpo_edu.tiny_transformer import causal_attention
from dpo_edu.training import scoring

from .shared_prompt import shared_logp

GELU = F.gelu


def enter(trick: str, model, stack: ExitStack) -> None:
    """Put the trick in place until the stack is left."""
    for change in (WITHOUT | WITH)[trick](model):
        stack.enter_context(patch.object(*change))


def _at_once(tokens: int):
    return lambda model: [(scoring, "AT_ONCE", tokens)]


def _attention(function):
    return lambda model: [(block, "attend", function) for block in model.blocks]


def _rows(function):
    return lambda model: [(scoring, "_logp_of_rows", function)]


def filled(q, k, v):
    """The causal mask filled into the scores, not added to them."""
    scores = q / q.shape[-1] ** 0.5 @ k.transpose(-1, -2)
    future = torch.ones_like(scores[0, 0], dtype=torch.bool).triu(1)
    return scores.masked_fill(future, -torch.inf).softmax(-1) @ v


def copied(q, k, v):
    """The causal mask added to a copy of the scores."""
    scores = q / q.shape[-1] ** 0.5 @ k.transpose(-1, -2)
    future = scores.new_full(scores.shape[-2:], -torch.inf).triu(1)
    return (scores + future).softmax(-1) @ v


def added_in_product(q, k, v):
    """Mask and scale within the product of q and k."""
    future = q.new_full((q.shape[-2],) * 2, -torch.inf).triu(1)
    flat = q.flatten(0, 1), k.flatten(0, 1).transpose(-1, -2)
    scores = torch.baddbmm(future, *flat, alpha=q.shape[-1] ** -0.5)
    return (scores.softmax(-1) @ v.flatten(0, 1)).view_as(v)


def head_on_scored(model, tokens, mask):
    """Logits only where a token is scored."""
    x = model.token(tokens[:, :-1]) + model.position.weight[: tokens.shape[1] - 1]
    scored = mask[:, 1:].bool()  # (S, T - 1)
    logits = model.head(model.norm(model.blocks(x))[scored])  # (N, V)
    picked = -F.cross_entropy(logits, tokens[:, 1:][scored], reduction="none")
    row = scored.nonzero()[:, 0]
    return picked.new_zeros(len(tokens)).index_add(0, row, picked)


def no_padded_copy(model, tokens, mask):
    """log_softmax and gather on the logits as they come."""
    predicted = model(tokens[:, :-1]).log_softmax(-1)
    picked = predicted.gather(-1, tokens[:, 1:, None]).squeeze(-1)
    return picked.where(mask[:, 1:].bool(), 0.0).sum(-1)


def cross_entropy(model, tokens, mask):
    """The same by ``cross_entropy``, without the table of log-probabilities."""
    logits, targets = model(tokens[:, :-1]), tokens[:, 1:]
    picked = -F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return picked.view(targets.shape).where(mask[:, 1:].bool(), 0.0).sum(-1)


def _tanh(model):
    return [(nn.functional, "gelu", lambda x: GELU(x, approximate="tanh"))]


def _compiled(model):
    return [(model, "forward", torch.compile(model.forward, dynamic=True))]


def _shared(model):
    return [(scoring, "model_logp", shared_logp)]


WITHOUT = {
    "all rows as long as the longest": _at_once(10**9),
    "parts of 1,024 tokens": _at_once(1_024),
    "parts of 4,096 tokens": _at_once(4_096),
    "a table of scores, mask added in place": _attention(causal_attention),
    "a table of scores, mask added to a copy": _attention(copied),
    "a table of scores, mask filled in": _attention(filled),
    "a table of scores, mask within the product": _attention(added_in_product),
}
WITH = {
    "logits on scored positions only": _rows(head_on_scored),
    "no padded copy of the logits": _rows(no_padded_copy),
    "cross_entropy": _rows(cross_entropy),
    "GELU by tanh": _tanh,
    "one prompt for both responses": _shared,
    "torch.compile": _compiled,
}
