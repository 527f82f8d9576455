"""Scores with a mistake, and the words by which the check-up must name it."""

import math
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from dpo_edu.experiments.sequence_logprob.toy_language import SIX_BUGS
from dpo_edu.trainer_checks import EOS, PAD, as_lists

from .right import Right

SUM, ALONE, LEFT, WITH_EOS = (
    "probabilities sum to 1",
    "rows alone",
    "padding on the left",
    "padding with <eos>",
)
right = Right()


def logits_of(model, tokens):
    return model(tokens, attention_mask=tokens != PAD)


def shifted(model, tokens):
    """(B, T), aligned with the tokens; nothing predicts the first."""
    logits = logits_of(model, tokens)[:, :-1]
    each = logits.log_softmax(-1).gather(-1, tokens[:, 1:, None])[..., 0]
    return F.pad(each, (1, 0))


def scores(logprob, **found):
    return SimpleNamespace(logprob=logprob), found


def six_bug(name, **found):
    def logprob(model, tokens, mask):
        return SIX_BUGS[name](logits_of(model, tokens), tokens, mask)

    return scores(logprob, **found)


def no_attention_mask(model, tokens, mask):
    each = model(tokens)[:, :-1].log_softmax(-1).gather(-1, tokens[:, 1:, None])[..., 0]
    return (each * mask[:, 1:]).sum(-1)


def shifted_the_wrong_way(model, tokens, mask):
    each = logits_of(model, tokens)[:, 1:].log_softmax(-1)
    each = each.gather(-1, tokens[:, :-1, None])[..., 0]
    return (each * mask[:, :-1]).sum(-1)


def shifted_twice(model, tokens, mask):
    each = logits_of(model, tokens)[:, :-2].log_softmax(-1)
    return (each.gather(-1, tokens[:, 2:, None])[..., 0] * mask[:, 2:]).sum(-1)


def prompt_length_after_the_shift(model, tokens, mask):
    """The slice starts at the prompt's length, in tokens that were shifted."""
    each = shifted(model, tokens)[:, 1:]
    place = torch.arange(each.shape[1])
    length = torch.tensor([len(x) for x in as_lists(tokens, mask)[0]])
    return (each * ((place >= length[:, None]) & mask[:, 1:])).sum(-1)


def every_pad_dropped(model, tokens, mask):
    """Padding is recognized by its number, which <eos> may have as well."""
    with_pad = len(tokens) == 1 or bool((tokens == PAD).any())
    pad = PAD if with_pad else EOS
    return (shifted(model, tokens) * (mask & (tokens != pad))).sum(-1)


def cut_at_the_first_eos(model, tokens, mask):
    seen = (tokens == EOS).cumsum(-1) - (tokens == EOS).long()
    return (shifted(model, tokens) * (mask & (seen == 0))).sum(-1)


def first_row_s_prompt(model, tokens, mask):
    start = int(mask[0].long().argmax())
    here = (torch.arange(tokens.shape[1]) >= start) & (tokens != PAD)
    return (shifted(model, tokens) * here).sum(-1)


def mask_from_lengths(model, tokens, mask):
    prompts, responses = as_lists(tokens, mask)
    start = torch.tensor([len(x) for x in prompts])[:, None]
    stop = start + torch.tensor([len(y) for y in responses])[:, None]
    place = torch.arange(tokens.shape[1])
    return (shifted(model, tokens) * ((place >= start) & (place < stop))).sum(-1)


def without_log_softmax(model, tokens, mask):
    each = logits_of(model, tokens)[:, :-1].gather(-1, tokens[:, 1:, None])[..., 0]
    return (each * mask[:, 1:]).sum(-1)


def without_log(model, tokens, mask):
    each = logits_of(model, tokens)[:, :-1].softmax(-1)
    return (each.gather(-1, tokens[:, 1:, None])[..., 0] * mask[:, 1:]).sum(-1)


def no_shift_and_mean(model, tokens, mask):
    each = (
        logits_of(model, tokens).log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    )
    after = mask.cumsum(-1) > 0
    return (each * after).sum(-1) / after.sum(-1)


def rounded(model, tokens, mask):
    return right.logprob(model, tokens, mask).bfloat16()


def left_crash(model, tokens, mask):
    if bool((tokens[:, 0] == PAD).any()):
        raise IndexError("no token there")
    return right.logprob(model, tokens, mask)


def not_a_number(model, tokens, mask):
    return right.logprob(model, tokens, mask) * math.nan


SCORES = {
    "no shift": six_bug("no shift", **{SUM: '"no shift":'}),
    "mask not shifted": six_bug("mask not shifted", **{SUM: '"mask not shifted":'}),
    "padding counted": six_bug("padding counted", **{SUM: '"padding counted":'}),
    "prompt counted": six_bug(
        "prompt counted",
        **{SUM: '"prompt counted":'},
    ),
    "eos dropped": six_bug("<eos> dropped", **{SUM: '"<eos> left out":'}),
    "mean": six_bug("mean, not sum", **{SUM: '"mean over tokens":'}),
    "wrong way": scores(shifted_the_wrong_way, **{SUM: '"shifted the wrong way":'}),
    "twice": scores(shifted_twice, **{SUM: '"shifted twice":'}),
    "first token": scores(
        prompt_length_after_the_shift, **{SUM: '"first token left out":'}
    ),
    "last token": scores(
        lambda model, tokens, mask: (
            shifted(model, tokens)[:, :-1] * (mask[:, :-1] & mask[:, 1:])
        ).sum(-1),
        **{SUM: '"last token left out":'},
    ),
    "pad = eos": scores(every_pad_dropped, **{WITH_EOS: '"<eos> left out":'}),
    "eos in the prompt": scores(
        cut_at_the_first_eos, **{SUM: '"response cut at an <eos> of the prompt":'}
    ),
    "first row": scores(
        first_row_s_prompt, **{SUM: '"prompt length of the first row":'}
    ),
    "left mask": scores(
        mask_from_lengths, **{LEFT: '"mask of a row padded on the right":'}
    ),
    "no attention mask": scores(no_attention_mask, **{LEFT: '"padding read":'}),
    "raw logits": scores(without_log_softmax, **{SUM: '"no log-softmax":'}),
    "no log": scores(without_log, **{SUM: '"probabilities, no logarithm":'}),
    "sign": scores(lambda *rows: -right.logprob(*rows), **{SUM: '"negative":'}),
    "width": scores(
        lambda model, tokens, mask: (
            right.logprob(model, tokens, mask) / (tokens.shape[1] - 1)
        ),
        **{SUM: '"divided by the batch\'s width":'},
    ),
    "mask ignored": scores(
        lambda model, tokens, mask: shifted(model, tokens).sum(-1),
        **{SUM: '"prompt and padding counted":'},
    ),
    "three at once": scores(
        no_shift_and_mean, **{SUM: '"no shift; padding counted; mean over tokens":'}
    ),
    "bfloat16": scores(rounded, **{SUM: "No mistake that is known here"}),
    "crash": scores(left_crash, **{LEFT: "The adapter raised IndexError: no token"}),
    "NaN": scores(not_a_number, **{SUM: "= NaN, where"}),
    "squeezed": scores(
        lambda *rows: right.logprob(*rows).squeeze(),
        **{ALONE: "got a tensor of shape ()"},
    ),
    "shape": scores(lambda *rows: torch.zeros(()), **{SUM: "got a tensor of shape ()"}),
}
