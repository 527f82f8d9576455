"""Claims of chapter 10: a language that can be listed, and what pairs of it tell.

The reference is trained in the notebook; here the writers' own text stands in for it,
so that no claim waits for a training run.
"""

from functools import cache

import numpy as np
import torch

from ...boltzmann import expected_reward, optimal_logp
from ...bradley_terry import logit, sigmoid
from ...dpo_loss import population_loss
from ...preference_world import build_world, label_pair, sample_responses
from ...preference_world.prefix_tree import unfold
from ...preference_world.writers import writers_logp
from ..claim import FLOAT64, SAMPLED, Claim, above, below, between, near

FIRST = torch.tensor([[0.5, 0.25, 0.25]]).double()
SECOND = torch.tensor([[0.25, 0.25, 0.5], [0.5, 0.25, 0.25]]).double()
P, Q, START = np.array([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4], [0.1, 0.1, 0.8]])
SEEDS, PAIRS = range(5), 2_000
world = cache(build_world)


@cache
def text_logp() -> np.ndarray:
    """log-probabilities of the writers' text, (P, R)."""
    return writers_logp(world())


def seven(forced_end: float = 1.0) -> torch.Tensor:
    """The responses of at most two words, the last <eos> at this probability."""
    probabilities = unfold([FIRST.log(), SECOND.log()]).exp()
    probabilities[3:] *= forced_end
    return probabilities


def share_of_true_verdicts() -> float:
    """How many of 100,000 uniform numbers prefer 3 points to 1.5."""
    luck = (np.arange(100_000) + 0.5) / 100_000
    return label_pair(3.0, 1.5, luck).mean()


def gap_without_every_second_upset() -> float:
    """The log-odds of what is left of a pair with a gap of 1.5."""
    right = sigmoid(1.5)
    return logit(right / (right + (1 - right) / 2))


@cache
def gaps(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Reward gaps of two draws, and of the best and the worst of four."""
    draws = np.random.default_rng(seed)
    prompt = draws.integers(8, size=PAIRS)
    drawn = [sample_responses(text_logp(), prompt, draws) for _ in range(4)]
    score = world().reward[prompt, drawn]  # (4, pairs)
    return np.abs(score[0] - score[1]), np.ptp(score, axis=0)


def fewer_ties() -> list[float]:
    """Share of ties of two draws minus that of best against worst, seed by seed."""
    return [np.mean(two == 0) - np.mean(best == 0) for two, best in map(gaps, SEEDS)]


def information_left() -> list[float]:
    """Mean p (1 - p) of best against worst over that of two draws, seed by seed."""
    known = [[(sigmoid(gap) * sigmoid(-gap)).mean() for gap in gaps(s)] for s in SEEDS]
    return [best / two for two, best in known]


def slope_at_the_tilt() -> float:
    """Largest slope of the loss at pi_ref p/q, for pairs chosen by p, rejected by q."""
    tilt = np.log(START * P / Q)
    logits = torch.tensor(tilt, requires_grad=True)
    meets = np.outer(P, Q)
    loss = population_loss(
        torch.log_softmax(logits, dim=0),
        np.log(START),
        meets / (meets + meets.T),
        1.0,
        weight=meets + meets.T,
    )
    (slope,) = torch.autograd.grad(loss, logits)
    return slope.abs().max().item()


def students_gain(chosen, rejected) -> float:
    """What the optimum's expected reward gains by pairs of two other policies."""
    best = optimal_logp(text_logp(), world().reward, 1.0)
    student = optimal_logp(best, chosen - rejected, 1.0)
    gained = expected_reward(student, world().reward) - expected_reward(
        best, world().reward
    )
    return gained.mean()


def slightly_better() -> np.ndarray:
    """The writers' text, tilted a little towards the reward."""
    return optimal_logp(text_logp(), world().reward, 4.0)


def share_touched(pairs: int) -> float:
    """Expected share of the responses that occur in some pair of the writers' text."""
    miss = 7 / 8 + (1 - np.exp(text_logp())) ** 2 / 8
    return (1 - miss**pairs).mean()


CLAIMS = (
    Claim(
        "10-count",
        "Fifteen words, at most three in a row, make 3,616 responses per prompt.",
        "How many responses?",
        "responses that build_world lists",
        lambda: len(world().responses),
        near(3616),
    ),
    Claim(
        "10-tree",
        "One pass over the longest prefixes gives all responses, and their "
        "probabilities add up to 1.",
        "Every node is a response",
        "unfold of the two-word language, summed",
        lambda: seven().sum().item(),
        near(1.0),
    ),
    Claim(
        "10-forced-end",
        "Whoever scores the forced end loses probability: at one half per end the "
        "seven responses add up to 0.78125.",
        "What goes wrong at the forced end",
        "the same sum, two-word responses halved",
        lambda: seven(forced_end=0.5).sum().item(),
        near(0.78125),
    ),
    Claim(
        "10-verdict",
        "An annotator prefers 3 points to 1.5 in 0.8176 of all cases.",
        "Labels: one verdict by hand",
        "label_pair at 100,000 uniform numbers evenly spaced",
        share_of_true_verdicts,
        near(0.8176, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "10-information",
        "One verdict on a gap of 6 points carries 0.0025 of information about the gap, "
        "a hundredth of what a tie carries.",
        "What five thousand pairs look like",
        "p (1 - p) at a gap of 6",
        lambda: sigmoid(6.0) * sigmoid(-6.0),
        near(0.0025, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "10-best-against-worst",
        "Best against worst of four leaves far fewer ties than two draws: a fifth of "
        "all pairs and more are ties no longer.",
        "Best against worst",
        "share of ties of two draws minus that of the extremes of four",
        fewer_ties,
        above(0.2),
        SAMPLED,
    ),
    Claim(
        "10-clean-and-poor",
        "Verdicts on best against worst are cleaner than on two draws and tell less: "
        "each carries less than six tenths of the information.",
        "Best against worst",
        "mean p (1 - p) of the extremes of four over that of two draws",
        information_left,
        below(0.6),
        SAMPLED,
    ),
    Claim(
        "10-filtered-verdicts",
        "Dropping every second upset makes a gap look larger by exactly log 2.",
        "Which choice of pairs changes what is best?",
        "log-odds of what is left of a gap of 1.5, minus 1.5",
        lambda: gap_without_every_second_upset() - 1.5,
        near(np.log(2)),
    ),
    Claim(
        "10-coverage",
        "Five thousand pairs of the writers' text touch about one response in six.",
        "The same without luck",
        "expected share over all 28,928 responses",
        lambda: share_touched(5_000),
        between(0.15, 0.18),
        FLOAT64,
    ),
    Claim(
        "10-two-models",
        "If p writes the chosen answers and q the rejected ones, DPO is least at the "
        "reference times (p/q)^(1/β), over its sum.",
        "Two weak models can teach a strong one (deeper)",
        "largest slope of the loss there, three responses",
        slope_at_the_tilt,
        near(0.0),
    ),
    Claim(
        "10-weak-teachers",
        "Two policies that are worse than the student can improve it, if what they "
        "differ in is what the reward pays for.",
        "Two weak models can teach a strong one (deeper)",
        "expected reward of the optimum, after minus before",
        lambda: students_gain(slightly_better(), text_logp()),
        above(0.1),
        FLOAT64,
    ),
    Claim(
        "10-wrong-difference",
        "If the two policies differ in grammar instead, the same student loses reward.",
        "Two weak models can teach a strong one (deeper)",
        "the same, the writers' text against uniform strings",
        lambda: students_gain(text_logp(), np.full_like(text_logp(), -np.log(3616))),
        below(-0.1),
        FLOAT64,
    ),
)
