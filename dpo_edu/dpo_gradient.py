"""The gradient of the DPO loss, and where following it leads.

    d loss = -beta sigmoid(-margin) (d log pi_w - d log pi_l)                 (7.1)

Rafailov et al. 2023, sec. 4. The reference enters only the weight sigmoid(-margin), the
model's probability of the reversed label: 1/2 at the start, below 1 for ever. Policies
here are log-linear, pi proportional to ref exp(features @ theta); a table is the
case features = identity. This module does not know about tokens or networks.
"""

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from .boltzmann import Step
from .dpo_loss import dpo_loss, log_ratio_gap
from .validation import (
    require,
    require_callable,
    require_finite,
    require_positive,
    require_shape,
    require_type,
    require_whole,
)
from .validation.tensors import (
    as_tensor,
    finite_tensors,
    policies,
    require_probabilities,
)


def gradient_weight(log_ratio_gap, beta) -> Tensor:
    """Probability the model gives to the reversed label; any shape in, same out.

    >>> gradient_weight(1.0, beta=0.1).round(decimals=4)
    tensor(0.4750, dtype=torch.float64)
    """
    require_positive("beta", beta)
    return torch.sigmoid(-beta * as_tensor(log_ratio_gap, "log_ratio_gap"))


def dpo_gradient(
    logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta
) -> tuple[Tensor, Tensor]:
    """Derivatives of the mean loss: (d loss/d logp_chosen, d loss/d logp_rejected).

    Arguments as in ``dpo_loss``; both results have their shape. Every token of a
    response receives its response's number, at most beta / pairs in size.

    >>> [round(float(g), 4) for g in dpo_gradient(-4.5, -4.5, -5.0, -4.0, beta=0.1)]
    [-0.0475, 0.0475]
    """
    gap = log_ratio_gap(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected)
    require(gap.numel() > 0, "no pairs: logp_chosen and the other three are empty")
    pull = beta * gradient_weight(gap, beta) / gap.numel()  # (7.1), mean over pairs
    return -pull, pull


def derive_gradient() -> list[Step]:
    """Derive the gradient in one parameter theta, every line computed by sympy.

    w(theta), l(theta) are log pi of the chosen and the rejected response, u and v
    their reference log-probabilities; theta is any one of the policy's parameters.
    """
    import sympy as sp  # here and not above: loading it takes half a second

    beta, m, theta, u, v = sp.symbols("beta m theta u v", real=True)
    w, l = (f(theta) for f in sp.symbols("w l", cls=sp.Function))  # noqa: E741
    loss, margin = sp.log(1 + sp.exp(-m)), beta * ((w - u) - (l - v))
    weight, slope = sp.simplify(-sp.diff(loss, m)), sp.diff(margin, theta)
    gradient = -weight.subs(m, margin) * slope
    direct = sp.diff(loss.subs(m, margin), theta)
    return [
        Step("loss", loss, "-log sigmoid(m), written with exp"),
        Step("weight", weight, "minus its slope in m: sigmoid(-m), between 0 and 1"),
        Step("margin", margin, "m, the difference of the implicit rewards"),
        Step("slope", slope, "dm/dtheta: the reference is constant and drops out"),
        Step("gradient", gradient, "chain rule: -weight times slope"),
        Step("check", sp.simplify(direct - gradient), "0: minus the direct derivative"),
        Step("curvature", sp.factor(sp.diff(loss, m, 2)), "positive: convex in m"),
    ]


def score(logp, response) -> Tensor:
    """Gradient of log pi(response) in the logits of a table: e_response - pi (7.2).

    logp: (responses,) log-probabilities. Its norm is at least 1 for a response of
    probability 0: it is the weight that vanishes on a satisfied pair, not the score.
    """
    logp = policies(logp=logp)
    require_shape((None,), logp=logp)
    require_whole(0, len(logp) - 1, response=response)
    return one_hot(torch.tensor(response, device=logp.device), len(logp)) - logp.exp()


def log_linear_logp(theta, features, ref_logp) -> Tensor:
    """log pi for pi proportional to ref exp(features @ theta); theta = 0 is ref.

    theta: (parameters,), features: (responses, parameters), ref_logp: (responses,).
    """
    theta, features = _checked_features(features, theta=theta)
    ref_logp = policies(ref_logp=ref_logp)
    require_shape(tuple(features.shape[:1]), ref_logp=ref_logp)
    return torch.log_softmax(ref_logp + features @ theta, dim=-1)


def descent_step(theta, features, pair, beta, learning_rate) -> Tensor:
    """theta after one step of gradient descent on one pair = (chosen, rejected).

    The gap of a log-linear policy is difference @ theta: its normalizer cancels.
    """
    theta, features = _checked_features(features, theta=theta)
    require_type((list, tuple), pair=pair)
    require(len(pair) == 2, "pair must be two responses, (chosen, rejected)")
    for response in pair:
        require_whole(0, len(features) - 1, pair=response)
    require_finite(learning_rate=learning_rate)
    difference = features[pair[0]] - features[pair[1]]  # (parameters,)
    weight = gradient_weight(difference @ theta, beta)
    return theta + learning_rate * beta * weight * difference


def first_order_change(logp, features, theta_change) -> Tensor:
    """Change of every log pi to first order: (features - their mean under pi) @ change.

    Where the chosen features lie on the wrong side of the mean, its log-probability
    falls although the gap grows: displacement. In a table it always rises.
    """
    change, features = _checked_features(features, theta_change=theta_change)
    logp = policies(logp=logp).to(features.dtype)
    require_shape(tuple(features.shape[:1]), logp=logp)
    centered = features - logp.exp() @ features  # (responses, parameters)
    return centered @ change  # (7.3)


def _checked_features(features, **parameters) -> tuple[Tensor, Tensor]:
    """(parameters,) and (responses, parameters), or the reason why they do not fit."""
    ((name, theta),) = parameters.items()
    theta, features = finite_tensors(**{name: theta}, features=features)
    require_shape((None, None), features=features)
    require_shape(tuple(features.shape[1:]), **{name: theta})
    return theta, features


def gradient_flow(beta, time) -> Tensor:
    """Gap after training one pair in a table for ``time``, by infinitely small steps.

    The margin solves m + e^m - 1 = 2 beta^2 time (7.4), so m = 1 + k - W(e^(1+k))
    with Lambert's W. Early the gap is beta * time, late log(2 beta^2 time) / beta:
    a small beta moves least at first and most in the end, and no beta stops it.

    >>> gradient_flow(beta=0.1, time=[1, 1000]).round(decimals=3)
    tensor([ 0.1000, 28.9610], dtype=torch.float64)
    """
    require_positive("beta", beta)
    k = 2 * beta * (beta * as_tensor(time, "time"))
    within = bool(((k >= 0) & k.isfinite()).all())
    require(within, "time must be 0 or more, and beta^2 time a finite number")
    margin = torch.log1p(k)  # right of the root of a convex function: Newton descends
    for _ in range(8):
        margin = margin - (margin + torch.expm1(margin) - k) / (1 + torch.exp(margin))
    return margin / beta


def optimal_gap(label, beta) -> Tensor:
    """Gap at which the loss of one pair is smallest: logit(label) / beta.

    Infinite at labels 0 and 1: a pair that is always decided the same way has no
    minimizer, whatever beta. As beta grows, L / beta tends to max(0, -gap).

    >>> optimal_gap([0.5, 0.9, 1.0], beta=0.1)
    tensor([ 0.0000, 21.9722,     inf], dtype=torch.float64)
    """
    require_positive("beta", beta)
    label = as_tensor(label, "label")
    require_probabilities(label=label)
    return torch.logit(label) / beta


def train_pair(beta, steps, make_optimizer) -> Tensor:
    """Gap before training a two-response table on one pair and after every step.

    make_optimizer: from a list of parameters to a torch optimizer, for example
    ``lambda table: torch.optim.SGD(table, lr=1.0)``. Returns (steps + 1,).
    """
    require_whole(0, 10**6, steps=steps)
    require_callable(make_optimizer=make_optimizer)
    table = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    reference = table.detach().clone()  # logits will do: normalizers cancel in a gap
    optimizer, gaps = make_optimizer([table]), [0.0]
    for _ in range(steps):
        optimizer.zero_grad()
        dpo_loss(*table, *reference, beta).backward()
        optimizer.step()
        gaps.append(float(log_ratio_gap(*table.detach(), *reference)))
    return torch.tensor(gaps, dtype=torch.float64)
