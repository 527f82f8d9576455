"""Other correct samplers: ``pytest -p tests.other_samplers`` draws what torch does not.

torch promises a law, not which draws a seed gives; they change with its version and
with the processor. Here the same laws are sampled in other ways, so that a test which
passes by the luck of its seed is found. This plugin knows no test.
"""

import math

import torch

_multinomial = torch.multinomial


def pytest_configure():
    """Replace torch's samplers for the whole run."""
    torch.multinomial = multinomial
    torch.randn = randn
    torch.Tensor.normal_ = normal_
    torch.Tensor.exponential_ = exponential_


def multinomial(input, num_samples, replacement=False, *, generator=None):
    """Inverse distribution function; without replacement a race of exponentials."""
    _multinomial(input, num_samples, replacement, generator=torch.Generator())  # raises
    weight = input.double()
    if not replacement:
        times = _exponentials(weight, generator) / weight
        return times.topk(num_samples, largest=False).indices
    below = weight.cumsum(-1)
    drawn = _uniforms(
        weight[..., :1].expand(*weight.shape[:-1], num_samples), generator
    )
    return torch.searchsorted(below, drawn * below[..., -1:], right=True)


def randn(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Standard normal numbers in a tensor of ``size``."""
    drawn = normal_(torch.empty(*size, dtype=dtype, device=device), generator=generator)
    return drawn.requires_grad_(requires_grad)


def normal_(tensor, mean=0.0, std=1.0, *, generator=None):
    """Box and Muller's transform, one half of each pair."""
    radius = (2 * _exponentials(tensor, generator)).sqrt()
    angle = 2 * math.pi * _uniforms(tensor, generator)
    return tensor.copy_(mean + std * radius * angle.cos())


def exponential_(tensor, lambd=1.0, *, generator=None):
    """Inverse distribution function."""
    return tensor.copy_(_exponentials(tensor, generator) / lambd)


def _uniforms(like, generator):
    """One for each number in ``like``, where that is (on no device, if on "meta")."""
    double = {"dtype": torch.float64, "device": like.device}
    return torch.rand(like.shape, generator=generator, **double)


def _exponentials(like, generator):
    return -torch.log1p(-_uniforms(like, generator))
