"""What a torch formula reads: tensors of floats.

Lists, numbers and numpy's arrays become tensors after a look at every value. A tensor
that comes may be on its way through a training step, on a GPU: its type and its shape
are looked at, its values are not, for the answer would have to be waited for. So a NaN
in a tensor shows in the result. Exact sums, which are no training step, have
``finite_tensors``, ``policies`` and ``require_probabilities``, which do look.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch

from .arrays import LOGS, ROUNDING, real_array, reals
from .numbers import require_positive
from .refusal import InputError, only, refuse, require
from .shapes import require_broadcastable, require_same_outcomes, require_same_shape
from .things import require_type

WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


def as_tensor(value, name: str = "value") -> torch.Tensor:
    """Tensors and float arrays keep their precision; other numbers become float64."""
    if not isinstance(value, torch.Tensor):
        array = real_array(name, value)
        return torch.tensor(array if array.dtype.kind == "f" else array.astype(float))
    if not _is_tensor(value) or value.is_complex():
        refuse(name, "a tensor of real numbers", value)
    return value if value.is_floating_point() else value.to(torch.float64)


def as_device(name) -> torch.device:
    """The device, or one line that it is none or not here."""
    require_type((str, torch.device), device=name)
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:  # CUDA that is not compiled in
        raise InputError(f"device {name!s:.20} cannot be used here") from error


def tensors(**values) -> Any:
    """The named values as tensors of one precision, which broadcast."""
    found = _one_precision(values)
    require_broadcastable(**found)
    return only(found)


def tensors_alike(look: Callable = reals, **values) -> Any:
    """The named values as tensors of one precision and one shape.

    ``look``: the check of ``arrays`` for what is no tensor yet.
    """
    for name, value in values.items():
        if not isinstance(value, torch.Tensor):
            look(**{name: value})
    found = _one_precision(values)
    require_same_shape(**found)
    return only(found)


def finite_tensors(**values) -> Any:
    """The named values as tensors of one precision; every value is looked at."""
    found = _one_precision(values)
    for name, value in found.items():
        require(bool(value.isfinite().all()), f"{name} must be finite numbers")
    return only(found)


def policies(**values) -> Any:
    """The named log-probabilities, which sum to 1 over a common last axis."""
    found = _one_precision(values)
    for name, logp in found.items():
        require(logp.dim() and logp.numel(), f"{name} must be an array, not empty")
        if not bool((logp <= ROUNDING).all()):
            refuse(name, LOGS, logp)
        off = float((logp.detach().exp().sum(-1) - 1).abs().max())
        message = f"{name} must sum to 1 over the last axis, is off by {off:.3g}"
        require(off <= 100 * ROUNDING, message)
    require_same_outcomes(**found)
    return only(found)


def require_probabilities(**values: torch.Tensor) -> None:
    """Raise unless all entries of the named tensors lie in [0, 1]."""
    for name, value in values.items():
        in_range = bool(((value >= 0) & (value <= 1)).all())
        require(in_range, f"{name} must be a probability, which lies in [0, 1]")


def require_floats(**values: torch.Tensor) -> None:
    """Raise unless each is a tensor of floats, as models return them."""
    for name, value in values.items():
        if not _is_tensor(value) or not value.is_floating_point():
            refuse(name, "a tensor of floats", value)


def require_numbers(**values: torch.Tensor) -> None:
    """Raise unless each is a tensor of whole numbers, as tokens are."""
    for name, value in values.items():
        if not _is_tensor(value) or value.dtype not in WHOLE:
            refuse(name, "a tensor of whole numbers", value)


def require_tokens(tokens: torch.Tensor, most: int) -> None:
    """Raise unless ``tokens`` are whole numbers (B, T) with T at most ``most``."""
    require_numbers(tokens=tokens)
    require(tokens.dim() == 2, f"tokens must be (B, T), got {tuple(tokens.shape)}")
    time = tokens.shape[1]
    require(time <= most, f"{time} tokens do not fit a context of {most}")


def require_loss(loss: torch.Tensor) -> None:
    """Raise unless ``loss`` is one number, and something can learn from it."""
    require_floats(loss=loss)
    if loss.numel() != 1 or not loss.requires_grad:
        refuse("loss", "one number that depends on weights that learn", loss)


def require_heads(q, k, v) -> None:
    """Raise unless queries and keys are (B, H, T, D), and values T rows for each."""
    require_floats(q=q, k=k, v=v)
    require_same_shape(q=q, k=k)
    heads = q.dim() == 4 and v.dim() > 1 and v.shape[-2] == q.shape[-2]
    fits = heads and q.dtype == k.dtype == v.dtype
    require(fits, "q, k, v must be (B, H, T, D), of one precision")
    if v.dim() > 2:
        require_broadcastable(q=q[..., 0, 0], v=v[..., 0, 0])


def require_drawable(logits, temperature, generator) -> None:
    """Raise unless tokens can be drawn from softmax(logits / temperature), (B, V)."""
    require_positive("temperature", temperature)
    require_type((torch.Generator, type(None)), generator=generator)
    require_floats(logits=logits)
    require(logits.dim() == 2 and logits.numel(), "logits must be (B, V), not empty")
    most_likely = logits.amax(-1)  # NaN where any of the row is
    require(bool(most_likely.isfinite().all()), "logits must have a finite largest one")


def as_mask(**masks: torch.Tensor) -> Any:
    """The named tensors as True and False; of numbers 1 and 0 will do."""
    for name, mask in masks.items():
        if not _is_tensor(mask):
            refuse(name, "a tensor", mask)
        if mask.dtype != torch.bool and not bool(((mask == 0) | (mask == 1)).all()):
            refuse(name, "a tensor of True and False, or of 1 and 0", mask)
    return only({name: mask.bool() for name, mask in masks.items()})


def _is_tensor(value) -> bool:
    """Is it a tensor that holds something? One on the device "meta" does not."""
    return isinstance(value, torch.Tensor) and not value.is_meta


def _one_precision(values) -> dict[str, torch.Tensor]:
    found = {name: as_tensor(value, name) for name, value in values.items()}
    kinds = {value.dtype for value in found.values()}
    if len(kinds) == 1:
        return found
    widest = reduce(torch.promote_types, kinds)
    return {name: value.to(widest) for name, value in found.items()}
