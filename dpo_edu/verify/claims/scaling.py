"""Claims of chapter 16: what must stay exact while a run grows, and what it costs.

The runs in three precisions, TRL's log and the step on 135 million weights are stored;
``dpo_edu/experiments/scaling`` makes them again.
"""

from functools import cache

import numpy as np
import torch
from torch import nn

from ...dpo_loss import dpo_loss
from ...experiments.grid import stored
from ...experiments.scaling.measured_cost import WAYS, on_paper
from ...scaling import (
    Decoder,
    dpo_flops,
    logits_bytes,
    mixed_memory,
    training_flops,
)
from ...scaling.sharding import gathered_bytes, sharded_memory
from ...scaling.trainer_log import token_columns
from ...sequence_logprob import sequence_logprob
from ...tiny_transformer import ModelConfig, TinyTransformer
from ..claim import FLOAT64, SAMPLED, Claim, above, below, near

LLAMA = Decoder()  # Llama 2 7B
AT_ONCE, CHUNK = 8 * 2 * 1_024, 256  # tokens on a GPU; positions whose logits exist
CHOSEN = [1, 2, 3, 4, 5, 6, 7, 8]
SAME_CALL, OTHER_CALL = [1, 2, 3, 4, 5, 6, 8, 7], [1, 2, 4, 3, 6, 5, 8, 7]
LAST, OWN, ALL = [6, 7], [2, 3, 6, 7], [2, 3, 4, 5, 6, 7]
grid = cache(stored)


def shares(kind: str) -> np.ndarray:
    """The share reached at the smallest learning rate, one number per seed."""
    runs = grid("scaling")["precision"][kind]["0.0001"]
    return np.array([run["share"] for run in runs])


def moved_by_a_small_step() -> float:
    """How far a bfloat16 weight of 0.1 is moved by 1e-4."""
    weight = torch.tensor(0.1, dtype=torch.bfloat16)
    return (weight + 1e-4 - weight).item()


def gradient(parts: list[slice]) -> torch.Tensor:
    """The mean over parts of the gradient of each part's mean loss, on four pairs."""
    gaps = torch.tensor([0.3, -0.2, 1.0, -2.0], dtype=torch.float64).requires_grad_()
    zero = torch.zeros(4, dtype=torch.float64)
    means = [dpo_loss(gaps[p], zero[p], zero[p], zero[p], beta=0.5) for p in parts]
    return torch.autograd.grad(torch.stack(means).mean(), gaps)[0]


def weight_of_the_lone_pair() -> float:
    """How often the fourth pair counts, beside the others, in shares of 3 and 1."""
    uneven = gradient([slice(0, 3), slice(3, 4)]) / gradient([slice(0, 4)])
    return float(uneven[3] / uneven[0])


@cache
def speaker(seed: int) -> TinyTransformer:
    """An untrained model with a random head: one is the policy, one the reference."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = TinyTransformer(ModelConfig(9, 8, width=32, layers=1, heads=2)).double()
        nn.init.normal_(model.head.weight)
    return model.requires_grad_(False)


def chat_gap(rejected: list[int], scored: list[int]) -> float:
    """The log-ratio gap of two chats of eight tokens, these positions scored.

    A question (0, 1), a call (2, 3), what the tool says (4, 5), an answer (6, 7).
    """
    tokens = torch.tensor([CHOSEN, rejected])
    mask = torch.isin(torch.arange(8), torch.tensor(scored)).expand(2, 8)
    logp = [sequence_logprob(speaker(n)(tokens), tokens, mask) for n in (0, 1)]
    ratio = logp[0] - logp[1]
    return (ratio[0] - ratio[1]).item()


def moved_by_scoring(rejected: list[int], one: list[int], other: list[int]) -> float:
    """By how much the gap moves if other positions are scored."""
    return abs(chat_gap(rejected, one) - chat_gap(rejected, other))


def moved_by_a_constant() -> float:
    """What adding 3 to all logits does to log-probabilities, and to their mean - 3."""
    logits = torch.linspace(-2, 2, 24, dtype=torch.float64).sin().view(2, 3, 4)
    tokens = torch.tensor([[1, 2, 0], [3, 1, 2]])
    mask = torch.tensor([[0, 1, 1], [0, 1, 1]])
    one, other = (sequence_logprob(logits + c, tokens, mask) for c in (0, 3))
    first, second = (token_columns(logits + c, tokens, mask)["logits"] for c in (0, 3))
    return (one - other).abs().max().item() + abs(second - first - 3)


def losses_apart() -> float:
    """The largest difference of TRL's losses and ours."""
    return float(grid("scaling", "trl_side_by_side")["largest difference"]["loss"])


def saved_in_advance() -> float:
    """The factor that stored reference log-probabilities save over three epochs."""
    beside, before = (sum(dpo_flops(1, 1, 3, n).values()) for n in (3, 1))
    return beside / before


def zero_gigabytes(stage: int) -> float:
    """Gigabytes per GPU of 7.5 billion weights on 64 GPUs."""
    parts = sharded_memory(mixed_memory(7_500_000_000, 7_500_000_000), 64, stage)
    return sum(parts.values()) / 1e9


def per_gpu(gpus: int) -> float:
    """Gigabytes on each GPU that trains all weights of Llama 2 7B, fully sharded."""
    parts = sharded_memory(mixed_memory(LLAMA.parameters, LLAMA.parameters), gpus)
    kept = 2 * LLAMA.kept_layer_inputs() * AT_ONCE + gathered_bytes(LLAMA)
    return (sum(parts.values()) + kept + logits_bytes(LLAMA.vocabulary, CHUNK)) / 1e9


def measured_over_paper() -> float:
    """The larger deviation from 1 of the FLOPs that were counted, over the formula."""
    found = grid("scaling", "measured_cost")["measured"]
    counted = {way: found[way]["counted flops"] for way in WAYS}
    ratios = [counted[way] / on_paper(way)["flops, head apart"] for way in WAYS]
    return max(abs(ratio - 1) for ratio in ratios)


CLAIMS = (
    Claim(
        "16-rounded-away",
        "A bfloat16 weight of 0.1 does not move by an Adam step of 0.0001.",
        "What is lost, and where",
        "the sum in bfloat16, minus the weight",
        moved_by_a_small_step,
        near(0.0),
    ),
    Claim(
        "16-coarse-weights",
        "At a learning rate of 1e-4, DPO with weights in bfloat16 gains less than with "
        "weights in float32.",
        "What is lost, and where",
        "share in float32 minus share with bfloat16 weights, five seeds",
        lambda: shares("float32") - shares("bfloat16 weights"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "16-equal-shares",
        "The mean of the gradients of two equal shares is the gradient of the batch.",
        "Several processes (core)",
        "four pairs in two shares of two, against all four",
        lambda: (
            (gradient([slice(0, 2), slice(2, 4)]) - gradient([slice(0, 4)]))
            .abs()
            .max()
            .item()
        ),
        near(0.0),
    ),
    Claim(
        "16-unequal-shares",
        "Averaged with equal weights, shares of 3 and 1 pairs count the lone pair "
        "three times.",
        "Several processes (core)",
        "its gradient over that of a pair in the other share",
        weight_of_the_lone_pair,
        near(3.0),
    ),
    Claim(
        "16-shared-turns",
        "Turns that both conversations share cancel in the gap, whether scored or not.",
        "Which turns are scored?",
        "all after the question scored, or the last turn alone, two random models",
        lambda: moved_by_scoring(SAME_CALL, LAST, ALL),
        below(1e-12),
        FLOAT64,
    ),
    Claim(
        "16-tool-words",
        "Where the calls of a tool differ, scoring what the tool says changes the gap.",
        "Which turns are scored?",
        "the gap with the tool's words scored and without, two random models",
        lambda: moved_by_scoring(OTHER_CALL, OWN, ALL),
        above(1e-6),
        FLOAT64,
    ),
    Claim(
        "16-same-losses",
        "TRL's losses and ours differ by less than 1e-4 at each of 32 steps.",
        "A trainer's log, column by column (core)",
        "the largest difference, as it was stored",
        losses_apart,
        below(1e-4),
        FLOAT64,
    ),
    Claim(
        "16-logits-say-nothing",
        "Adding 3 to all logits moves their column by 3 and no log-probability.",
        "Does the column of logits matter?",
        "token_columns and sequence_logprob on two rows",
        moved_by_a_constant,
        near(0.0),
    ),
    Claim(
        "16-six",
        "Training takes 6 FLOPs per weight and token, and 4 where the weight is frozen "
        "under an adapter.",
        "Seven billion on paper (core)",
        "training_flops: ten times of a weight that learns, once of one that does not",
        lambda: 10 * training_flops(1, 1) + training_flops(1, 1, trainable=0),
        near(64),
    ),
    Claim(
        "16-in-advance",
        "Where all weights learn, reference log-probabilities computed in advance save "
        "a factor of 1.2 over three epochs.",
        "A run",
        "dpo_flops beside the policy over dpo_flops in advance, no checkpointing",
        saved_in_advance,
        near(1.2),
    ),
    Claim(
        "16-sixteen-bytes",
        "In mixed precision a weight that learns takes 16 bytes.",
        "Part by part",
        "mixed_memory of one weight",
        lambda: sum(mixed_memory(1, 1).values()),
        near(16),
    ),
    Claim(
        "16-zero",
        "Shared out by 64 GPUs, 7.5 billion learning weights take 1.9 GB on each, as "
        "the ZeRO paper says.",
        "A model that GPUs share out",
        "sharded_memory in its third stage",
        lambda: zero_gigabytes(3),
        near(1.9, within=0.05),
        FLOAT64,
    ),
    Claim(
        "16-two-gpus",
        "By the formulas, all weights of a model of seven billion, fully sharded, can "
        "learn on two GPUs of 80 GB.",
        "A model that GPUs share out",
        "gigabytes on each: states, layer inputs, a gathered layer, logits in chunks",
        lambda: per_gpu(2),
        below(80),
    ),
    Claim(
        "16-measured",
        "On 135 million weights the FLOPs that were counted in a step are those of the "
        "formula, within 1 %.",
        "135 million weights, measured (deeper)",
        "the larger deviation of an adapter and of all weights, the head counted apart",
        measured_over_paper,
        below(0.01),
        FLOAT64,
    ),
)
