"""Chapter 12: right answers in unusual styles."""

import functools

import numpy as np
import torch
import torch.nn.functional as F


def reward_model_loss__logaddexp(reward_chosen, reward_rejected):
    """logaddexp(0, -d), averaged by a dot product."""
    d = reward_chosen - reward_rejected
    return torch.logaddexp(torch.zeros_like(d), -d) @ torch.full_like(d, 1 / len(d))


def reward_model_loss__cross_entropy(reward_chosen, reward_rejected):
    """Bradley-Terry as a softmax of two classes: F.cross_entropy with the chosen response as class 0."""
    logits = torch.stack((reward_chosen, reward_rejected), dim=1)
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))


def reward_model_loss__bce_with_logits(reward_chosen, reward_rejected, *, reduction="mean"):
    """Binary cross entropy on logits with ones as labels; an extra keyword argument."""
    d = torch.sub(reward_chosen, reward_rejected)
    return F.binary_cross_entropy_with_logits(d, d.new_ones(d.shape), reduction=reduction)


def leave_one_out_advantages__matrix(rewards):
    """One product with a matrix: 1 on the diagonal, -1 / (n - 1) elsewhere."""
    n = rewards.shape[-1]
    eye = torch.eye(n, dtype=rewards.dtype)
    return torch.einsum("...i,ij->...j", rewards, eye - (1 - eye) / (n - 1))


def leave_one_out_advantages__pairwise(rewards):
    """The mean of all pairwise differences, which is exactly 0 for equal rewards."""
    n = rewards.shape[-1]
    return (rewards.unsqueeze(-1) - rewards.unsqueeze(-2)).sum(-1) / (n - 1)


def _loo(rewards):
    """The recursion."""
    if rewards.dim() > 1:
        if len(rewards) == 0:
            return torch.empty_like(rewards)
        return torch.stack([_loo(g) for g in rewards])
    parts = [
        rewards[i] - torch.cat((rewards[:i], rewards[i + 1 :])).mean() for i in range(len(rewards))
    ]
    return torch.stack(parts)


def leave_one_out_advantages__recursive_loop(rewards):
    """Recursion down to single groups, then a list comprehension over the samples."""
    return _loo(rewards)


def clipped_objective__where(ratio, advantage, epsilon):
    """Bounds the ratio on one side only, depending on the sign of the advantage."""
    a = advantage.detach()
    kept = torch.where(a >= 0, ratio.clamp(max=1 + epsilon), ratio.clamp(min=1 - epsilon))
    return (kept * a).mean()


def clipped_objective__loop(ratio, advantage, epsilon):
    """An explicit loop with Python's min and max over 0-d tensors."""
    total = ratio.new_zeros(())
    for r, a in zip(ratio, advantage.tolist()):
        clipped = min(max(r.item(), 1 - epsilon), 1 + epsilon)
        total = total + (r * a if r.item() * a <= clipped * a else clipped * a + 0 * r)
    return total / len(ratio)


def _logged(function):
    """A decorator without functools.wraps."""

    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@_logged
def clipped_objective__decorated(ratio, advantage, epsilon):
    """Decorated without functools.wraps; takes away what lies beyond the clip instead of a minimum."""
    a = advantage.detach()
    surplus = F.relu(ratio - 1 - epsilon) * F.relu(a) + F.relu(1 - epsilon - ratio) * F.relu(-a)
    return (ratio * a - surplus).mean()


clipped_objective__decorated.__doc__ = "Decorated without functools.wraps; takes away what lies beyond the clip instead of a minimum."


def clipped_objective__amin(ratio, advantage, epsilon):
    """Stacks both terms and takes amin along the new axis."""
    both = torch.stack([ratio, ratio.clip(1 - epsilon, 1 + epsilon)])
    return (both * advantage.detach()).amin(dim=0).mean()


def find_the_bug_token_advantages__power_matrix(rewards, values, discount, decay):
    """No loop: a triangular matrix of powers times the surprises (0 ** 0 is 1)."""
    n = len(rewards)
    surprise = rewards + discount * F.pad(values[1:], (0, 1)) - values
    t = torch.arange(n)
    later = (t[None, :] - t[:, None]).clamp(min=0)
    power = torch.full((n, n), float(discount * decay), dtype=torch.float64) ** later
    return torch.triu(power) @ surprise


def _gae(rewards, values, discount, decay):
    """The recursion."""
    if len(rewards) == 1:
        return rewards - values
    rest = _gae(rewards[1:], values[1:], discount, decay)
    first = rewards[0] + discount * values[1] - values[0] + discount * decay * rest[0]
    return torch.cat((first.reshape(1), rest))


def find_the_bug_token_advantages__recursion(rewards, values, discount, decay):
    """Recursion on the rest of the response."""
    return _gae(rewards, values, discount, decay)


def find_the_bug_token_advantages__lambda_returns(rewards, values, discount, decay):
    """Computes lambda-returns G_t = r + g ((1 - l) V' + l G') and subtracts the values."""
    g, out, following = 0.0, [], 0.0
    for r, v in zip(reversed(rewards.tolist()), reversed(values.tolist())):
        g = r + discount * ((1 - decay) * following + decay * g)
        out.append(g - v)
        following = v
    return torch.tensor(out[::-1], dtype=torch.float64)


def predict_the_share_of_the_gradient__zero_d_tensor():
    """A 0-d tensor."""
    return torch.tensor(7.0, dtype=torch.float64) / 8


def predict_the_clipped_slope__autograd():
    """Lets autograd answer."""
    r = torch.tensor(1.6, dtype=torch.float64, requires_grad=True)
    torch.minimum(r * -0.5, r.clamp(0.8, 1.2) * -0.5).backward()
    return r.grad.item()


def predict_the_gradient_through_a_sample__central_difference():
    """A central difference in z."""

    def cost(z):
        p = 1 / (1 + np.exp(-z))
        return p * 0.7**2 + (1 - p) * 0.3**2

    z, h = np.log(0.25), 1e-5
    return (cost(z + h) - cost(z - h)) / (2 * h)
