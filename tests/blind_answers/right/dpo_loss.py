"""Right answers in unusual styles to the exercises of chapter 06."""

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F


def dpo_loss__bce_with_logits(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: a logistic regression with all labels 1."""
    with torch.no_grad():
        offset = ref_logp_chosen - ref_logp_rejected
    margin = beta * (logp_chosen - logp_rejected - offset)
    return F.binary_cross_entropy_with_logits(margin, torch.ones_like(margin))


def dpo_loss__logaddexp(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: log(e^0 + e^-m) by logaddexp, with another grouping of the four terms."""
    m = beta * ((logp_chosen - logp_rejected) - (ref_logp_chosen - ref_logp_rejected).detach())
    return torch.logaddexp(torch.zeros_like(m), -m).mean()


def dpo_loss__explicit_loop(*args):
    """Unusual: *args, a loop over the pairs and log1p with the absolute value in Python style."""
    lc, lr, rc, rr, beta = args
    total = lc.new_zeros(())
    for i in range(lc.shape[0]):
        m = beta * ((lc[i] - rc[i].detach()) - (lr[i] - rr[i].detach()))
        total = total + (torch.log1p(torch.exp(-m)) if float(m) > 0 else -m + torch.log1p(torch.exp(m)))
    return total / lc.shape[0]


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b, c, d, beta):
        m = beta * ((a - c) - (b - d))
        ctx.save_for_backward(m)
        ctx.beta = beta
        return F.softplus(-m, threshold=800).mean()

    @staticmethod
    def backward(ctx, g):
        (m,) = ctx.saved_tensors
        pull = g * ctx.beta * torch.sigmoid(-m) / m.numel()
        return -pull, pull, None, None, None


def dpo_loss__autograd_function(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: a hand-written autograd.Function that returns no gradient for the reference."""
    return _Loss.apply(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)


def dpo_loss__extra_argument(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta, label_smoothing=0.0, verbose=False):
    """Unusual: extra arguments with defaults (label smoothing, off) and a print on demand."""
    h = beta * ((logp_chosen - ref_logp_chosen.data) - (logp_rejected - ref_logp_rejected.data))
    losses = -F.logsigmoid(h) * (1 - label_smoothing)
    if label_smoothing:
        losses = losses - F.logsigmoid(-h) * label_smoothing
    if verbose:
        print(losses)
    return losses.mean()


find_the_bug_accuracy__lambda = lambda a, b, c, d: ((a - c) - (b - d) > 0).to(torch.float64).mean()  # noqa: E731
find_the_bug_accuracy__lambda.__doc__ = """Unusual: a lambda that looks at the sign of the gap."""


def find_the_bug_accuracy__counting_loop(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Unusual: counts in a Python loop and makes the tensor at the end."""
    treffer = 0  # richtige Paare
    paare = list(zip(logp_chosen.tolist(), logp_rejected.tolist(), ref_logp_chosen.tolist(), ref_logp_rejected.tolist()))
    for a, b, c, d in paare:
        treffer += int(a - c > b - d)
    return torch.tensor(treffer / len(paare), dtype=torch.float64)


def find_the_bug_accuracy__through_numpy(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected):
    """Unusual: numpy's heaviside and back to a torch tensor."""
    a, b, c, d = (t.detach().numpy() for t in (logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected))
    return torch.as_tensor(np.heaviside((a - c) - (b - d), 0.0).mean())


def predict_the_first_loss__numpy_scalar():
    """Unusual: a numpy scalar, from logaddexp."""
    return np.logaddexp(0.0, -0.3 * 0)


def predict_the_first_loss__tensor():
    """Unusual: a 0-d tensor, the mean over 64 pairs really computed."""
    return -F.logsigmoid(0.3 * torch.zeros(64, dtype=torch.float64)).mean()


predict_when_both_rise__partial = functools.partial(math.log, 2)
predict_when_both_rise__partial.__doc__ = """Unusual: functools.partial of math.log."""


def predict_when_both_rise__series():
    """Unusual: log 2 by the series sum 1 / (n 2^n)."""
    return sum(1 / (n * 2**n) for n in range(1, 60))


def predict_when_both_rise__digits():
    """Unusual: just the three digits."""
    return 0.693
