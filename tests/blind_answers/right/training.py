"""Chapter 11: right answers in unusual styles."""

import copy
import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import logsumexp

from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.sequence_logprob import sequence_logprob


def freeze__one_liner(model):
    """A single chained expression: train(False) instead of eval()."""
    return copy.deepcopy(model).requires_grad_(False).train(False)


def freeze__copied_in_a_list(model):
    """Copies a list that holds the model and unpacks the copy; flags by attribute in a loop."""
    (twin,) = copy.deepcopy([model])
    for weight in twin.parameters():
        weight.requires_grad = False
    twin.eval()
    return twin


class _Frozen(torch.nn.Module):
    """A wrapper that refuses to leave evaluation mode."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.eval()

    def train(self, mode=True):
        return super().train(False)

    def forward(self, *args, **kwargs):
        with torch.no_grad():
            return self.inner(*args, **kwargs)


def freeze__wrapper_module(model):
    """Wraps the copy in a module of its own that cannot be put into training mode, and runs without a graph."""
    inner = copy.deepcopy(model)
    inner.requires_grad_(False)
    return _Frozen(inner)


def freeze__buffers_and_no_grad_scope(model):
    """Deep copy under no_grad, flags set one by one over modules() and their own parameters."""
    with torch.no_grad():
        reference = copy.deepcopy(model)
        for module in reference.modules():
            module.training = False
            for p in module.parameters(recurse=False):
                p.requires_grad_(False)
                p.grad = None
    return reference


def dpo_step__one_big_batch(policy, reference, optimizer, batch, beta):
    """Chosen and rejected run through each model in one concatenated batch."""
    tokens = torch.cat([batch["chosen"], batch["rejected"]])
    mask = torch.cat([batch["chosen_mask"], batch["rejected_mask"]])
    logp = sequence_logprob(policy(tokens), tokens, mask)
    with torch.no_grad():
        ref_logp = sequence_logprob(reference(tokens), tokens, mask)
    (c, r), (rc, rr) = logp.chunk(2), ref_logp.chunk(2)
    loss = dpo_loss(c, r, rc, rr, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def dpo_step__closure(policy, reference, optimizer, batch, beta):
    """Hands a closure to optimizer.step, as LBFGS wants it, and remembers the first loss."""
    seen = []

    def closure():
        optimizer.zero_grad()
        rows = []
        for model in (policy, reference):
            with torch.set_grad_enabled(model is policy):
                for side in ("chosen", "rejected"):
                    rows.append(
                        sequence_logprob(model(batch[side]), batch[side], batch[f"{side}_mask"])
                    )
        loss = dpo_loss(*rows, beta=beta)
        loss.backward()
        seen.append(float(loss))
        return loss

    optimizer.step(closure)
    return seen[0]


def dpo_step__autograd_grad(policy, reference, optimizer, batch, beta):
    """Uses torch.autograd.grad and puts the gradients into place by hand; the loss is written with softplus."""

    def score(model, side):
        tokens = batch[side]
        logp = F.log_softmax(model(tokens)[:, :-1], dim=-1)
        logp = torch.gather(logp, 2, tokens[:, 1:, None])[..., 0]
        mask = batch[side + "_mask"][:, 1:].bool()
        return logp.masked_fill(~mask, 0.0).sum(1)

    with torch.no_grad():
        ref_gap = score(reference, "chosen") - score(reference, "rejected")
    gap = score(policy, "chosen") - score(policy, "rejected") - ref_gap
    loss = torch.nn.functional.softplus(-beta * gap).mean()
    weights = [p for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
    for p, g in zip(weights, torch.autograd.grad(loss, weights, allow_unused=True)):
        p.grad = g
    optimizer.step()
    return loss.detach().item()


def diagnose_the_silent_log__dictionary(*_):
    """Looks the answer up in a dictionary of symptoms."""
    symptoms = {"loss stays log 2, policy moves": "the reference moves with the policy"}
    return symptoms["loss stays log 2, policy moves"]


def diagnose_the_perfect_log__joined(*, verbose=False):
    """Joins the answer from its two halves."""
    return ", ".join(["too few pairs", "too many epochs"])


diagnose_the_cheerful_log__lambda = lambda: "chosen and rejected are exchanged"  # noqa: E731
diagnose_the_cheerful_log__lambda.__doc__ = "A lambda instead of a def."


def find_the_bug_share__by_divergences(logp, ref_logp, reward, beta):
    """Never computes J: the share is 1 - mean KL(pi || best) / mean KL(ref || best)."""
    z = ref_logp + reward / beta
    best = z - logsumexp(z, axis=-1, keepdims=True)

    def kl(p):
        return np.einsum("pr,pr->p", np.exp(p), p - best).mean()

    # the reference need not be normalized for this, but it is
    return 1 - kl(logp) / kl(ref_logp)


def find_the_bug_share__log_partition(logp, ref_logp, reward, beta):
    """Uses that J of the best policy is beta log Z, prompt by prompt, in an explicit loop."""
    mine = start = top = 0.0
    for lp, rp, r in zip(logp, ref_logp, reward):
        p, q = np.exp(lp), np.exp(rp)
        mine += p @ r - beta * (p @ (lp - rp))
        start += q @ r
        top += beta * np.logaddexp.reduce(rp + r / beta)
    return (mine - start) / (top - start)


def find_the_bug_share__mended_line(logp, ref_logp, reward, beta):
    """The obvious mend with the maximum subtracted, and a Python float returned."""

    def value(policy):
        p = np.exp(policy)
        kl = (p * (policy - ref_logp)).sum(axis=-1)
        return ((p * reward).sum(axis=-1) - beta * kl).mean()

    z = ref_logp + reward / beta
    z = z - z.max(axis=-1, keepdims=True)
    best = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return float((value(logp) - value(ref_logp)) / (value(best) - value(ref_logp)))


def predict_the_share__numpy_scalar():
    """A numpy scalar, computed."""
    return np.float64(1) - np.float64(0.063) / 1.26


def predict_the_final_gap__by_descent(beta=0.5, label=0.8):
    """Does not solve the equation: finds the minimum by bisection of the slope; extra arguments with defaults."""
    low, high = -100.0, 100.0
    for _ in range(200):
        mid = (low + high) / 2
        if 1 / (1 + math.exp(-beta * mid)) < label:
            low = mid
        else:
            high = mid
    return mid
