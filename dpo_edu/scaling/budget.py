"""Seven billion parameters on paper: what a DPO run computes, keeps and costs.

    FLOPs = 6 * parameters * tokens                  forward 2, backward 4     (16.2)
    bytes = bytes_per_value * (parameters + 3 * trainable)                     (16.3)

(16.2): Kaplan et al. 2020, section 2.1; the products inside attention are left out.
They count no embeddings; we do, the one that is only looked up too (2 % of Llama 2 7B).
(16.3): a gradient and Adam's two moments (Kingma and Ba 2015) for each learning weight.
This module runs no model and knows no machine: speeds, prices and sizes are arguments.
"""

from dataclasses import dataclass

from ..validation import (
    WholeNumbers,
    require,
    require_amount,
    require_between,
    require_positive,
    require_whole,
)

# Bytes per parameter in mixed precision (Rajbhandari et al. 2020, section 3.1; there
# the half is float16): bfloat16; a float32 copy; Adam's two moments in float32.
HALF, MASTER, MOMENTS = 2, 4, 8


@dataclass(frozen=True)
class Decoder(WholeNumbers):
    """The sizes of a decoder without biases; the defaults are Llama 2 7B."""

    vocabulary: int = 32_000
    width: int = 4_096
    layers: int = 32
    mlp: int = 11_008  # width inside the MLP
    mlp_matrices: int = 3  # 3: gate, up, down; 2: up, down, as in chapter 09
    kv_groups: int = 1  # heads that share keys and values; 4 in Llama 3 and Mistral
    embeddings: int = 2  # 1 where the head is the token table, as in SmolLM2

    @property
    def layer_parameters(self) -> int:
        """Four attention matrices, the MLP and two norms."""
        attention = 2 * self.width * (self.width + self.width // self.kv_groups)
        mlp = self.mlp_matrices * self.width * self.mlp
        return attention + mlp + 2 * self.width

    @property
    def parameters(self) -> int:
        """The tables of the vocabulary, all layers and the last norm."""
        tables = self.embeddings * self.vocabulary * self.width
        return tables + self.layers * self.layer_parameters + self.width

    def lora_parameters(self, rank: int) -> int:
        """Adapters, n by rank and rank by m, on every n by m matrix of every layer.

        LoRA: Hu et al. 2021, who adapt attention only.
        """
        require_whole(0, rank=rank)
        attention = 6 * self.width + 2 * (self.width // self.kv_groups)
        mlp = self.mlp_matrices * (self.width + self.mlp)
        return self.layers * rank * (attention + mlp)

    def kept_values(self) -> int:
        """What backward needs of one token: values that forward keeps in memory.

        Inputs of both norms, of the projections in and out, of the MLP; q, k, v; inside
        the MLP what each nonlinearity and product reads. Attention is taken as fused:
        it keeps no T by T table (with one, add heads * T values per layer).
        """
        attention = 6 * self.width + 2 * (self.width // self.kv_groups)
        return self.layers * (attention + 2 * (self.mlp_matrices - 1) * self.mlp)

    def kept_layer_inputs(self) -> int:
        """The same with gradient checkpointing: each layer's input, and one layer."""
        return self.layers * self.width + self.kept_values() // self.layers


def training_flops(parameters, tokens, trainable=None, forwards=1):
    """Multiplications and additions that training on ``tokens`` tokens takes.

    Two per parameter and token forward; backward two for the gradient of each weight's
    input, and two for its own gradient if it learns. trainable: how many learn, None
    for all. forwards: 2 with gradient checkpointing, which computes forward again.

    >>> training_flops(7_000_000_000, 1_000_000)
    42000000000000000
    """
    learning = parameters if trainable is None else trainable
    require_amount(parameters=parameters, tokens=tokens, trainable=learning)
    require_whole(1, forwards=forwards)
    # All learn, one forward: 6 * parameters * tokens (16.2).
    return 2 * ((forwards + 1) * parameters + learning) * tokens


def dpo_flops(
    parameters, tokens, epochs, reference_passes, trainable=None, forwards=1
) -> dict[str, int]:
    """FLOPs of DPO by part; ``tokens`` counts both responses of a pair, prompts too.

    reference_passes: how often the reference reads the data. ``epochs`` where it stands
    beside the policy, 1 where its log-probabilities are computed once and kept.
    """
    require_amount(epochs=epochs, reference_passes=reference_passes)
    policy = training_flops(parameters, tokens, trainable, forwards)
    return {
        "policy, forward and backward": epochs * policy,
        "reference, forward": reference_passes * 2 * parameters * tokens,
    }


def training_memory_bytes(parameters, trainable, bytes_per_value):
    """Bytes of weights, gradients and Adam's moments, all in one precision.

    parameters: all in memory, learning or not, a reference too. trainable: how many of
    them learn. Activations come on top.

    >>> training_memory_bytes(7_000_000_000, 7_000_000_000, 4) / 1e9
    112.0
    """
    require_amount(parameters=parameters, trainable=trainable)
    require_positive("bytes_per_value", bytes_per_value)
    _require_counted(parameters, trainable)
    return bytes_per_value * (parameters + 3 * trainable)  # (16.3)


def mixed_memory(
    parameters, trainable, reference=0, frozen_bytes=HALF, moment_bytes=MOMENTS
) -> dict[str, float]:
    """Bytes by part in mixed precision: bfloat16 computes, float32 remembers.

    parameters: the policy's weights, adapters included. trainable: how many learn.
    reference: weights of a second model in memory; 0 if its log-probabilities were
    computed before, or if it is the policy with its adapter switched off. frozen_bytes:
    of a weight that does not learn, less than 2 if it is quantized (QLoRA).
    moment_bytes: of Adam's two moments together, 2 in an 8-bit optimizer.
    """
    require_amount(parameters=parameters, trainable=trainable)
    require_amount(reference=reference, moment_bytes=moment_bytes)
    require_positive("frozen_bytes", frozen_bytes)
    _require_counted(parameters, trainable)
    return {
        "policy weights": HALF * trainable + frozen_bytes * (parameters - trainable),
        "reference weights": HALF * reference,
        "gradients": HALF * trainable,
        "float32 copy": MASTER * trainable,
        "Adam's moments": moment_bytes * trainable,
    }


def _require_counted(parameters, trainable) -> None:
    words = f"{trainable} trainable parameters of {parameters}: count all weights first"
    require(trainable <= parameters, words)


def logits_bytes(vocabulary, tokens) -> int:
    """Bytes of logits at the worst moment of ``sequence_logprob``, backward included.

    The network's in bfloat16, and three tables in float32: the same, the part of it
    that predicts, its log-softmax.
    """
    require_amount(vocabulary=vocabulary, tokens=tokens)
    return (HALF + 3 * MASTER) * vocabulary * tokens


def gpu_hours(flops, peak, utilization) -> float:
    """Hours on an accelerator at a share ``utilization`` of its ``peak`` per second."""
    require_positive("peak", peak)
    require_amount(flops=flops)
    require_positive("utilization", utilization)
    require_between(0, 1, utilization=utilization)
    return flops / (peak * utilization) / 3600
