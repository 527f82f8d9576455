"""Claims of chapter 08: one number for a whole answer, and six ways to miss it."""

from functools import cache

import numpy as np
import torch

from ...dpo_loss import dpo_loss
from ...experiments.sequence_logprob.byte_pairs import seam_holds
from ...experiments.sequence_logprob.toy_language import SIX_BUGS, language
from ...sequence_logprob import sequence_logprob
from ..claim import FLOAT64, Claim, above, near

SCORES = {"right": sequence_logprob, **SIX_BUGS}
world = cache(language)


def score(name: str) -> np.ndarray:
    """log π of all 85 answers, as this score computes it."""
    return SCORES[name](world().logits, world().tokens, world().mask).numpy()


def total(name: str) -> float:
    """What a score claims all 85 answers have together."""
    return float(np.exp(score(name)).sum())


def first_loss(name: str) -> float:
    """The DPO loss of two answers under this score, policy = reference."""
    both = score(name)[:2]
    return dpo_loss(*both, *both, beta=0.1).item()


def without_end() -> float:
    """Σ over all lengths of a language that goes on with probability ½."""
    return float(sum((0.3 + 0.2) ** words for words in range(60)))


def detached_gradient() -> float:
    """Length of the first gradient of one pair against a frozen reference."""
    logits = world().logits[[4, 16]].clone().requires_grad_()
    both = sequence_logprob(logits, world().tokens[[4, 16]], world().mask[[4, 16]])
    (slope,) = torch.autograd.grad(dpo_loss(*both, *both.detach(), beta=0.1), logits)
    return slope.norm().item()


CLAIMS = (
    Claim(
        "08-sum",
        "The probabilities of all 85 answers of a small language sum to 1.",
        "A language that can be listed",
        "sequence_logprob",
        lambda: total("right"),
        near(1.0),
    ),
    Claim(
        "08-end",
        "Without the end symbol the same language has a total of 2.",
        "Why the end belongs to the answer",
        "a geometric series",
        without_end,
        near(2.0),
    ),
    Claim(
        "08-six-bugs",
        "Each of six classic bugs moves that sum from 1; the smallest move is 0.27.",
        "The sum sees six bugs, the first loss none",
        "the smallest distance from 1",
        lambda: min(abs(total(name) - 1) for name in SIX_BUGS),
        near(0.2702, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "08-first-loss",
        "A first loss of log 2 sees none of them.",
        "The sum sees six bugs, the first loss none",
        "the largest distance from log 2",
        lambda: max(abs(first_loss(name) - np.log(2)) for name in SIX_BUGS),
        near(0.0),
    ),
    Claim(
        "08-prompt-counted",
        "Counting the prompt does no harm to DPO: it moves the log-ratio of every "
        "answer by the same amount, which leaves the gap.",
        "Why it does no harm to count the prompt",
        "spread of the difference between the two scores over 85 answers",
        lambda: np.ptp(score("prompt counted") - score("right")),
        near(0.0),
    ),
    Claim(
        "08-shifted",
        "Without the shift the gap between two answers is another one: 'good' and "
        "'not good' are 1.951 nats apart instead of 1.188.",
        "One bug is harmless, five are not",
        "the gap without the shift",
        lambda: np.diff(score("no shift")[[16, 4]])[0],
        near(1.951, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "08-length",
        "In a sum, 0.02 nats per token are a margin of 0.2 if the chosen answer is 100 "
        "tokens longer.",
        "The reference is summed too",
        "the margin from the loss",
        lambda: -np.log(np.expm1(dpo_loss(150 * 0.02, 50 * 0.02, 0, 0, 0.1).item())),
        near(0.2),
    ),
    Claim(
        "08-bfloat16",
        "Near -500 bfloat16 has steps of 2 nats: -501, -500 and -499 are stored as one "
        "number.",
        "What bfloat16 loses (core)",
        "torch.bfloat16",
        lambda: torch.tensor([-501.0, -499.0]).bfloat16().diff().abs().item(),
        near(0.0),
    ),
    Claim(
        "08-seam",
        "A tokenizer can merge the end of a prompt with the beginning of an answer; "
        "one line finds it.",
        "The check takes one line",
        "seam_holds for 'hot?_' with 'yes' minus with 'no'",
        lambda: seam_holds("hot?_", "yes") - seam_holds("hot?_", "no"),
        near(1.0),
    ),
    Claim(
        "08-log-2-stays",
        "Where policy and reference are one object, the gradient is 0 if the reference "
        "is in the graph; detached, the gradient is there.",
        "A loss that stays at log 2 (deeper)",
        "norm of the gradient with the reference detached",
        detached_gradient,
        above(0.01),
        FLOAT64,
    ),
)
