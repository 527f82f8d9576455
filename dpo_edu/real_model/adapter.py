"""LoRA: a low-rank change of some weight matrices is all that learns.

    W x  becomes  W x + (alpha / rank) B A x,   A (rank, in), B (out, rank), at first 0

Hu et al. 2021. At the start nothing has changed, and with the adapter switched off
nothing ever has: so the reference costs no memory. The adapter itself is peft's.
"""

import warnings
from dataclasses import dataclass

import torch

from ..validation import require, require_whole
from .fetch import require_extra


@dataclass(frozen=True)
class Lora:
    """What of a model learns."""

    rank: int = 8
    alpha: int = 16  # the change is multiplied by alpha / rank
    # Names of matrices, or "all-linear": all but the head, whatever they are called.
    targets: tuple[str, ...] | str = ("q_proj", "v_proj", "o_proj", "down_proj")

    def __post_init__(self):
        require_whole(1, rank=self.rank, alpha=self.alpha)
        require(self.targets, "targets must name a matrix")


def with_adapter(model, lora: Lora, seed: int):
    """The model with a fresh adapter, whose A is drawn from ``seed``.

    What came is changed: its matrices now carry the adapter. ``disable_adapter()`` of
    what is returned, as a context, gives the reference.
    """
    require_extra("peft")
    from peft import LoraConfig, get_peft_model

    named = lora.targets if isinstance(lora.targets, str) else [*lora.targets]
    config = LoraConfig(r=lora.rank, lora_alpha=lora.alpha, target_modules=named)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(seed)
        warnings.simplefilter("ignore", FutureWarning)  # peft asks by an old name
        return get_peft_model(model, config)


def learning_weights(model) -> dict[str, torch.Tensor]:
    """The weights that learn, by name: with LoRA, the adapter's."""
    return {n: weight for n, weight in model.named_parameters() if weight.requires_grad}


def copied(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Their values, as they are now."""
    return {name: weight.detach().clone() for name, weight in weights.items()}


@torch.no_grad()
def put_back(model, values: dict[str, torch.Tensor]) -> None:
    """Give the weights that learn the values that they once had."""
    weights = learning_weights(model)
    require(weights.keys() == values.keys(), "these are the weights of another model")
    for name, weight in weights.items():
        weight.copy_(values[name])
