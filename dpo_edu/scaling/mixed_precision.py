"""Products of matrices in bfloat16, weights in float32.

What goes into a product is rounded to 8 significant bits, and so is what comes out; it
stays bfloat16 until it meets float32, as in the sum x + mlp(x). Backward follows.
Weights, Adam's moments and log-probabilities stay float32. A GPU multiplies such
matrices several times faster, and so does a processor with units for it; others only
lose digits. "medium" rounds what goes in and keeps what comes out in float32. This
module does not know what is being trained.
"""

from collections.abc import Callable

import torch
from torch import nn

from ..validation import of_type, require, require_type


class Coarse(nn.Module):
    """A policy that multiplies as ``torch.set_float32_matmul_precision`` says.

    It holds the model, not a copy: train ``model`` on a loss of the wrapper.
    """

    length_multiple = 16  # a kernel is compiled for every new shape: let there be few

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = of_type(nn.Module, model=model)

    def forward(self, tokens):  # (B, T) to (B, T, V)
        return self.model(tokens)


class Bfloat16(Coarse):
    """A policy that computes ``model``'s logits in bfloat16: tokens to (B, T, V).

    ``sequence_logprob`` takes half-precision logits to float32 before the softmax.
    """

    def forward(self, tokens):
        with torch.autocast(tokens.device.type, dtype=torch.bfloat16):
            return self.model(tokens)


def itself(model: nn.Module) -> nn.Module:
    """The model, in its own precision."""
    require_type(nn.Module, model=model)
    return model


WAYS: dict[str, Callable] = {"float32": itself, "bfloat16": Bfloat16, "medium": Coarse}


def called_in(precision: str) -> Callable[[nn.Module], nn.Module]:
    """How a model is called so that its products have this precision.

    "medium" holds for the whole process from here on. Raises InputError for another
    name than float32, bfloat16 or medium.
    """
    require_type(str, precision=precision)
    known = precision in WAYS
    require(known, f"--precision is one of {', '.join(WAYS)}, not {precision!r}")
    if precision == "medium":
        torch.set_float32_matmul_precision("medium")
    return WAYS[precision]


def slow_advice(precision: str, device: torch.device) -> str:
    """A line of warning where coarse products are coarse and not fast; else nothing."""
    require_type(str, precision=precision)
    if precision == "float32" or has_bfloat16_units(device):
        return ""
    return (
        f"note: this {device.type} has no units for bfloat16, so --precision "
        f"{precision} loses digits and no time\n"
    )


def has_bfloat16_units(device: torch.device) -> bool:
    """Whether coarse products are fast there, and not only coarse."""
    require_type(torch.device, device=device)
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return (
            torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        )
    return False
