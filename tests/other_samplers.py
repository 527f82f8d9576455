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
        return (_exponentials(weight.shape, generator) / weight).topk(
            num_samples, largest=False
        )[1]
    below = weight.cumsum(-1)
    drawn = _uniforms((*weight.shape[:-1], num_samples), generator) * below[..., -1:]
    return torch.searchsorted(below, drawn, right=True)


def randn(*size, generator=None, dtype=None, device=None, requires_grad=False):
    """Standard normal numbers in a tensor of ``size``."""
    drawn = normal_(torch.empty(*size, dtype=dtype, device=device), generator=generator)
    return drawn.requires_grad_(requires_grad)


def normal_(tensor, mean=0.0, std=1.0, *, generator=None):
    """Box and Muller's transform, one half of each pair."""
    radius = (2 * _exponentials(tensor.shape, generator)).sqrt()
    angle = 2 * math.pi * _uniforms(tensor.shape, generator)
    return tensor.copy_(mean + std * radius * angle.cos())


def exponential_(tensor, lambd=1.0, *, generator=None):
    """Inverse distribution function."""
    return tensor.copy_(_exponentials(tensor.shape, generator) / lambd)


def _uniforms(shape, generator):
    return torch.rand(shape, generator=generator, dtype=torch.float64)


def _exponentials(shape, generator):
    return -torch.log1p(-_uniforms(shape, generator))
