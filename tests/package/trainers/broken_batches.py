"""Whole losses with a mistake, and the words by which it must be named."""

from copy import deepcopy
from types import SimpleNamespace

import torch

from dpo_edu.experiments.sequence_logprob.toy_language import SIX_BUGS

from .broken_scores import logits_of, no_shift_and_mean
from .right import Right


def in_the_loss(**change):
    """The right whole loss, with the policy or the reference scored otherwise."""

    class Changed(Right):
        pass

    for name, function in change.items():
        setattr(Changed, name, function)
    whole = Changed()
    functions = ("pair_loss", "reference")
    return SimpleNamespace(**{name: getattr(whole, name) for name in functions})


def with_gradient(self, policy, reference, chosen, rejected, beta):
    four = [
        self.logprob(m, *x) for m in (policy, reference) for x in (chosen, rejected)
    ]
    return self.loss(*four, beta)


def detached(self, policy, reference, chosen, rejected, beta):
    mine = [self.logprob(policy, *x) for x in (chosen, rejected)]
    return self.loss(*mine, *[each.detach() for each in mine], beta)


def unmasked(self, policy, reference, chosen, rejected, beta):
    nothing = [torch.zeros(len(chosen.tokens), requires_grad=True)] * 4
    self.logprob(reference, *chosen)
    return self.loss(*nothing, beta)


def without_gradient(self, policy, reference, chosen, rejected, beta):
    with torch.no_grad():
        return with_gradient(self, policy, reference, chosen, rejected, beta)


def sides_swapped(self, policy, reference, chosen, rejected, beta):
    return Right.pair_loss(self, policy, reference, rejected, chosen, beta)


def one_side_detached(self, policy, reference, chosen, rejected, beta):
    four = [
        self.logprob(m, *x) for m in (policy, reference) for x in (chosen, rejected)
    ]
    return self.loss(four[0], four[1].detach(), *[x.detach() for x in four[2:]], beta)


def zero_beta(self, policy, reference, chosen, rejected, beta):
    return Right.pair_loss(self, policy, reference, chosen, rejected, 0)


def method(logprob):
    return lambda self, model, tokens, mask: logprob(model, tokens, mask)


WHOLE, NUDGE, POLICY, REFERENCE = (
    "loss of a batch",
    "start and nudge",
    "gradient of the policy",
    "gradient into the reference",
)
BATCHES = {
    "alias with gradient": (
        in_the_loss(reference=lambda self, policy: policy, pair_loss=with_gradient),
        {NUDGE: "The gradient is 0, so that nothing", REFERENCE: "is an alias"},
    ),
    "alias, detached": (
        in_the_loss(reference=lambda self, policy: policy),
        {NUDGE: "The gradient is not 0", REFERENCE: "is an alias"},
    ),
    "shallow copy": (
        in_the_loss(reference=lambda self, policy: shallow(policy)),
        {NUDGE: "The reference is an alias", REFERENCE: "is an alias"},
    ),
    "policy on both sides": (
        in_the_loss(pair_loss=detached),
        {
            WHOLE: "The margin of every pair is 0",
            NUDGE: "The reference was never asked",
        },
    ),
    "beta is 0": (
        in_the_loss(pair_loss=zero_beta),
        {
            WHOLE: "The margin of every pair is 0",
            NUDGE: "was asked and is not an alias: beta is 0",
        },
    ),
    "nothing marked": (
        in_the_loss(pair_loss=unmasked),
        {WHOLE: "The margin of every pair is 0", NUDGE: "or the mask marks nothing"},
    ),
    "reference with gradient": (
        in_the_loss(reference=lambda self, p: deepcopy(p), pair_loss=with_gradient),
        {REFERENCE: "flows into the reference's weights"},
    ),
    "no gradient": (
        in_the_loss(pair_loss=without_gradient),
        {POLICY: "The loss has no gradient"},
    ),
    "half a gradient": (
        in_the_loss(pair_loss=one_side_detached),
        {POLICY: "the cosine between the two"},
    ),
    "exchanged": (
        in_the_loss(pair_loss=sides_swapped),
        {WHOLE: '"exchanged" or "negative":'},
    ),
    "sum": (
        in_the_loss(
            pair_loss=lambda self, *x: len(x[2].mask) * Right.pair_loss(self, *x),
            logprob=method(lambda *x: Right().logprob(*x)),
        ),
        {WHOLE: '"sum over the pairs":', NUDGE: "The first loss is 2.7726"},
    ),
    "no shift": (
        in_the_loss(
            logprob=lambda self, model, *rows: SIX_BUGS["no shift"](
                logits_of(model, rows[0]), *rows
            )
        ),
        {WHOLE: '"no shift":'},
    ),
    "padding counted": (
        in_the_loss(
            logprob=lambda self, model, *rows: SIX_BUGS["padding counted"](
                logits_of(model, rows[0]), *rows
            )
        ),
        {WHOLE: '"padding counted" or "prompt and padding counted":'},
    ),
    "three at once": (
        in_the_loss(logprob=method(no_shift_and_mean)),
        {WHOLE: '"no shift; padding counted; mean over tokens":'},
    ),
    "reference of another policy": (
        in_the_loss(reference=lambda self, policy: moved(policy)),
        {NUDGE: "The first loss is"},
    ),
}


def shallow(policy):
    """A new module around the same weights."""
    copy = type(policy)()
    copy.follows = policy.follows
    return copy


def moved(policy):
    copy = deepcopy(policy)
    with torch.no_grad():
        copy.follows[0] += torch.arange(6.0)
    return copy
