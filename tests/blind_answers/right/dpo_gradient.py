"""Right answers in unusual styles to the exercises of chapter 07."""

import functools

import numpy as np
import torch
import torch.nn.functional as F


def gradient_weight__exp_of_logsigmoid(log_ratio_gap, beta):
    """Unusual: exp of the log-probability of the reversed label."""
    return F.logsigmoid(-beta * log_ratio_gap).exp()


def gradient_weight__two_way_softmax(log_ratio_gap, beta):
    """Unusual: a softmax over (chosen, rejected), second entry."""
    z = torch.stack([beta * log_ratio_gap, torch.zeros_like(log_ratio_gap)])
    return torch.softmax(z, 0)[1]


def gradient_weight__expm1_of_loss(log_ratio_gap, beta):
    """Unusual: 1 - exp(-loss) by expm1, which keeps the digits."""
    loss = torch.logaddexp(torch.zeros_like(log_ratio_gap), -beta * log_ratio_gap)
    return -torch.expm1(-loss)


def gradient_weight__one_over_one_plus_exp(log_ratio_gap, beta):
    """Unusual: the bare formula of the hand example; inf in the denominator makes 0, which is right to underflow."""
    return (1 + (beta * log_ratio_gap).exp()).reciprocal()


def _loud(function):
    def inner(*args, **kwargs):
        result = function(*args, **kwargs)
        print("weight:", tuple(result.shape))
        return result
    return inner


@_loud
def gradient_weight__decorated(log_ratio_gap, beta):
    """Unusual: a decorator without functools.wraps that prints."""
    return torch.special.expit(-(log_ratio_gap * beta))


def dpo_gradient__autograd(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: lets autograd differentiate, on copies."""
    with torch.enable_grad():
        c = logp_chosen.detach().clone().requires_grad_()
        r = logp_rejected.detach().clone().requires_grad_()
        gap = (c - ref_logp_chosen.detach()) - (r - ref_logp_rejected.detach())
        loss = -F.logsigmoid(beta * gap).mean()
        return torch.autograd.grad(loss, (c, r))


def dpo_gradient__torch_func(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: torch.func.grad with respect to two arguments."""
    def loss(c, r):
        return F.softplus(-beta * ((c - ref_logp_chosen) - (r - ref_logp_rejected)), threshold=800).mean()

    return torch.func.grad(loss, argnums=(0, 1))(logp_chosen, logp_rejected)


def dpo_gradient__einsum(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: einsum with the signs, on one stacked tensor."""
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.float64)
    four = torch.stack([logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected])
    m = beta * torch.einsum("s,sn->n", signs, four)
    both = torch.einsum("s,n->sn", -signs[:2], beta / m.numel() * torch.sigmoid(-m))
    return tuple(both.unbind(0))


def dpo_gradient__generator_loop(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta):
    """Unusual: a Python loop over numbers with numpy's logaddexp."""
    n = len(logp_chosen)
    zahlen = zip(*(x.tolist() for x in (logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)))
    zug = [beta / n * float(np.exp(-np.logaddexp(0.0, beta * ((a - c) - (b - d))))) for a, b, c, d in zahlen]
    positiv = torch.tensor(zug, dtype=torch.float64)
    return positiv.neg(), positiv


def find_the_bug_table_step__scatter(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Unusual: index_add with both positions at once."""
    gap = logits[chosen] - logits[rejected] - gap_at_ref
    pull = learning_rate * beta * torch.sigmoid(-beta * gap)
    return logits.index_add(0, torch.tensor([chosen, rejected]), torch.stack([pull, -pull]))


def find_the_bug_table_step__autograd(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Unusual: autograd of the loss through log_softmax."""
    with torch.enable_grad():
        z = logits.detach().clone().requires_grad_()
        logp = torch.log_softmax(z, 0)
        loss = -F.logsigmoid(beta * (logp[chosen] - logp[rejected] - gap_at_ref))
        (g,) = torch.autograd.grad(loss, z)
    return logits - learning_rate * g


def find_the_bug_table_step__sgd(logits, gap_at_ref, chosen, rejected, beta, learning_rate):
    """Unusual: torch.optim.SGD takes the step."""
    with torch.enable_grad():
        z = torch.nn.Parameter(logits.detach().clone())
        opt = torch.optim.SGD([z], lr=learning_rate)
        F.softplus(-beta * (z[chosen] - z[rejected] - gap_at_ref), threshold=800).backward()
        opt.step()
    return z.detach()


predict_the_first_gradient__lambda = lambda: -0.3 / 2  # noqa: E731
predict_the_first_gradient__lambda.__doc__ = """Unusual: a lambda."""


def predict_the_first_gradient__autograd():
    """Unusual: a 0-d tensor from autograd."""
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(-F.logsigmoid(0.3 * x), x)[0]


def predict_the_strongest_pull__integer():
    """Unusual: an int."""
    return 2


def _twice(function):
    @functools.wraps(function)
    def inner():
        return 2 * function()
    return inner


@_twice
def predict_the_strongest_pull__decorated():
    """Unusual: a decorator doubles the weight 1 and numpy returns a scalar."""
    return np.float64(1) / (1 + np.exp(np.float64(-1000)))
