"""log pi(y|x) as people write it by mistake, piece by piece, to recognize a mistake.

A score reads logits at some distance from its token, turns them into log-probabilities,
marks tokens, and adds up. Each of these steps can go wrong in ways that have names, and
several at once. A trainer whose numbers are those of such a mistake on every row
makes that mistake. This module runs no trainer.
"""

from collections.abc import Iterator

import torch

from .language import Batch, laid_out
from .naming import fewest_parts
from .truth import read
from .words import EOS

CLOSE = 1e-4  # nats: float32 is nearer than that, the mistakes are further apart

SHIFTS = {
    "": 1,
    "no shift": 0,
    "shifted twice": 2,
    "shifted the wrong way": -1,
}
SENTENCES = {
    "no shift": "token t is scored by the logits at t, which forecast token t + 1",
    "shifted twice": "token t is scored by the logits at t - 2",
    "shifted the wrong way": "token t is scored by the logits at t + 1",
    "prompt counted": "the prompt is given, only the response is scored",
    "padding counted": "everything after the prompt is scored, the padding too",
    "one token of padding counted": "the mask ends one token late",
    "prompt and padding counted": "the mask is not used",
    "<eos> left out": "ending is the model's choice too; its <eos> has a factor",
    "prompt counted and <eos> left out": "every token but <eos> is scored",
    "last token left out": "the mask ends one token early",
    "first token left out": "the mask starts one token late",
    "mask not shifted": "the tokens are shifted and the mask is not, or once too often",
    "mask shifted too far": "the mask is one token early at both ends",
    "response cut at an <eos> of the prompt": "an <eos> in the prompt ends no response",
    "prompt length of the first row": "each row has a prompt length of its own",
    "prompt scored instead": "the mask is used the wrong way round",
    "prompt and padding scored instead": "the mask is used the wrong way round",
    "only the last token": "log pi(y|x) is a sum over all tokens of the response",
    "only the first token": "log pi(y|x) is a sum over all tokens of the response",
    "mask of a row padded on the right": "here the padding stands on the left",
    "no log-softmax": "raw logits are added up",
    "probabilities, no logarithm": "softmax was taken in place of log_softmax",
    "mean over tokens": "the sum is divided by the number of tokens",
    "divided by the batch's width": "the sum is divided by the length of the rows",
    "negative": "this is -log pi(y|x)",
    "negative, mean over tokens": "this is a mean of -log pi, a cross-entropy",
    "padding read": "the model read the padding; it needs an attention mask",
}


def names(batch: Batch, model, found, conventions=()) -> list[str]:
    """The mistakes whose numbers these are: none, one, or several of equal length.

    found: (B,), what the trainer returned for the rows of ``batch``.
    """
    mistakes = wrong_scores(batch, model)
    return fewest_parts(mistakes, lambda score: alike(found, score), conventions)


def alike(found, score) -> bool:
    """All rows agree to ``CLOSE``."""
    found = found.detach().double().cpu()
    return bool(((found - score).abs() <= CLOSE * (1 + score.abs())).all())


@torch.no_grad()
def wrong_scores(batch: Batch, model) -> Iterator[tuple[list[str], torch.Tensor]]:
    """Every combination of right and wrong steps: (names of the wrong ones, (B,))."""
    marked = masks(batch)
    for attention, logits in readings(batch, model):
        for kind, values in normalized(logits).items():
            for shift, ahead in SHIFTS.items():
                each = picked(values, batch.rows.tokens, ahead)  # (B, T)
                for mask, marks in marked.items():
                    for how, score in reduced(each, marks & scorable(marks, ahead)):
                        steps = attention, kind, shift, mask, how
                        yield [step for step in steps if step], score


def readings(batch: Batch, model) -> list[tuple[str, torch.Tensor]]:
    """The logits with the padding hidden from the model, and not: (B, T, V).

    Padding on the right is read by nobody but padding, which is no mistake.
    """
    tokens = batch.rows.tokens
    on_the_right = bool(batch.real[:, 0].all())
    name = "" if on_the_right else "padding read"
    return [("", read(model, tokens, batch.real)), (name, read(model, tokens))]


def normalized(logits) -> dict[str, torch.Tensor]:
    """What is picked from: log-probabilities, or what people take for them."""
    return {
        "": logits.log_softmax(-1),
        "no log-softmax": logits,
        "probabilities, no logarithm": logits.softmax(-1),
    }


def picked(values, tokens, ahead: int) -> torch.Tensor:
    """Every token's value at the logits ``ahead`` positions before it: (B, T)."""
    forecasts = values.roll(ahead, dims=1)  # what came round is not scorable
    return forecasts.gather(-1, tokens[..., None])[..., 0]


def scorable(marks, ahead: int) -> torch.Tensor:
    """Where logits exist that far ahead."""
    place = torch.arange(marks.shape[1]) - ahead
    return ((place >= 0) & (place < marks.shape[1])).expand_as(marks)


def reduced(each, marks) -> Iterator[tuple[str, torch.Tensor]]:
    """The marked numbers of a row as one, in the ways that are in use."""
    total, count = (each * marks).sum(-1), marks.sum(-1)
    yield "", total
    yield "mean over tokens", total / count
    yield "divided by the batch's width", total / (marks.shape[1] - 1)
    yield "divided by the batch's width", total / marks.shape[1]
    yield "negative", -total
    yield "negative, mean over tokens", -total / count


def masks(batch: Batch) -> dict[str, torch.Tensor]:
    """Which tokens count: the right ones, and the mistakes, (B, T) each."""
    tokens, mask = batch.rows
    return {
        "": mask,
        **_masks_of_padding(mask, batch.real),
        **_masks_off_by_one(mask),
        "<eos> left out": mask & (tokens != EOS),
        "prompt counted and <eos> left out": batch.real & (tokens != EOS),
        "response cut at an <eos> of the prompt": mask & (_before(tokens == EOS) == 0),
        "prompt length of the first row": _first_row_s(mask, batch),
        "mask of a row padded on the right": _of_right_padding(mask, batch),
    }


def _masks_of_padding(mask, real) -> dict[str, torch.Tensor]:
    after = mask.cumsum(-1) > 0
    return {
        "prompt counted": real,
        "padding counted": after,
        "prompt and padding counted": torch.ones_like(mask),
        "prompt scored instead": real & ~mask,
        "prompt and padding scored instead": ~mask,
    }


def _masks_off_by_one(mask) -> dict[str, torch.Tensor]:
    late = torch.nn.functional.pad(mask[:, :-1], (1, 0))
    early = torch.nn.functional.pad(mask[:, 1:], (0, 1))
    return {
        "one token of padding counted": mask | late,
        "last token left out": mask & early,
        "first token left out": mask & late,
        "mask not shifted": late,
        "mask shifted too far": early,
        "only the last token": mask & ~early,
        "only the first token": mask & ~late,
    }


def _before(marks) -> torch.Tensor:
    """How many were marked before each position."""
    return marks.cumsum(-1) - marks.long()


def _first_row_s(mask, batch: Batch) -> torch.Tensor:
    start = len(batch.prompts[0])
    return (torch.arange(mask.shape[1]) >= start) & batch.real


def _of_right_padding(mask, batch: Batch) -> torch.Tensor:
    whole = laid_out(batch.prompts, batch.responses).rows.mask
    short = mask.shape[1] - whole.shape[1]  # a part of a batch may be narrower
    return torch.nn.functional.pad(whole, (0, short))
