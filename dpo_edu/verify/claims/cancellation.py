"""Claims of chapter 05: what cancels, what does not, and what the sum costs."""

import numpy as np

from ...boltzmann import log_partition, optimal_logp
from ...bradley_terry import plackett_luce_nll, thurstone_probability
from ...cancellation import (
    chain_logp,
    derive_cancellation,
    effect_of_prompt_constant,
    implicit_reward,
    log10_responses,
    normalized_reward,
    soft_bellman,
)
from ...cancellation.other_divergences import (
    CHI_SQUARE,
    FORWARD_KL,
    penalized_optimum,
    recovered_reward,
)
from ...cancellation.partition_estimates import (
    mean_log_estimate,
    quantile_log_partition,
    relative_variance,
)
from ..claim import FLOAT64, Claim, below, near

REFERENCE, REWARD = (
    np.log([1 / 2, 1 / 4, 1 / 8, 1 / 8]),
    np.array([0.0, 1.0, 2.0, -1.0]),
)
BIT = 1 / np.log(2)  # the β of one point per bit
OTHER, OTHER_REWARD = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
TREE = [np.log([0.5, 0.5]), np.log([[0.5, 0.5], [0.25, 0.75]])]
LEAVES = np.array([[1.0, 0.0], [2.0, -1.0]])


def implicit() -> np.ndarray:
    """The implicit rewards of the best policy for the four answers."""
    return implicit_reward(optimal_logp(REFERENCE, REWARD, BIT), REFERENCE, BIT)


def b_among_five() -> float:
    """The implicit reward of B once a fifth answer is there."""
    five = np.log(np.array([4, 2, 1, 1, 4]) / 12)
    return normalized_reward(five, [0.0, 1.0, 2.0, -1.0, 2.0], BIT)[1]


def largest_effect() -> float:
    """What 7 points more do to a probit loss and to a ranking's."""
    rules = (
        lambda r: -np.log(thurstone_probability(r[0], r[1])),
        plackett_luce_nll,
    )
    moved = (effect_of_prompt_constant(f, np.array([2, 1, 0.5]), 7.0) for f in rules)
    return max(abs(each) for each in moved)


def apparent_gap() -> float:
    """Two equal rewards of two prompts, as their implicit rewards at β = ½ see it."""
    constants = (
        log_partition(REFERENCE, REWARD, 0.5),
        log_partition(OTHER, OTHER_REWARD, 0.5),
    )
    return 0.5 * (constants[1] - constants[0])


def token_sums() -> np.ndarray:
    """Σ over tokens of the best policy's log-ratios, for each answer of the tree."""
    best = soft_bellman(TREE, LEAVES, 1.0).token_logp
    return chain_logp(best) - chain_logp(TREE)


def paid_at_once() -> float:
    """How far π* of the first token moves if b is paid half a point earlier."""
    paid = np.array([0.0, 0.5])
    value = paid + log_partition(TREE[1], LEAVES - paid[:, None], 1.0)
    best = soft_bellman(TREE, LEAVES, 1.0).token_logp[0]
    return np.abs(optimal_logp(TREE[0], value, 1.0) - best).max()


def read_back(ref_logp, reward, kind) -> np.ndarray:
    """Rewards, up to a constant, from the best policy under another penalty."""
    logp, _ = penalized_optimum(ref_logp, reward, 1.0, kind)
    with np.errstate(invalid="ignore"):  # an answer at probability 0
        return recovered_reward(logp, ref_logp, 1.0, kind)


CLAIMS = (
    Claim(
        "05-inverted",
        "The best policy's log-ratio gives every reward back up to one constant: for "
        "the four answers about the faucet it is 0.6439 points for all of them.",
        "By hand",
        "spread of reward minus implicit reward, around β log(25/16)",
        lambda: np.abs(REWARD - implicit() - BIT * np.log(25 / 16)).max(),
        near(0.0),
    ),
    Claim(
        "05-cancelled",
        "In the difference of two rewards to one prompt Z cancels: the algebra leaves "
        "an expression without it.",
        "Subtract, and Z is gone",
        "symbols called Z in the fourth step of derive_cancellation",
        lambda: sum("Z" in str(s) for s in derive_cancellation()[3].expression.atoms()),
        near(0.0),
    ),
    Claim(
        "05-average",
        "For every policy with the reference's support the average of e^(implicit "
        "reward / β) over the reference is 1, for the uniform policy, too.",
        "What do level and sign mean?",
        "implicit_reward of the uniform policy",
        lambda: (
            np.exp(REFERENCE)
            @ np.exp(implicit_reward(np.log(np.full(4, 0.25)), REFERENCE, BIT) / BIT)
        ),
        near(1.0),
    ),
    Claim(
        "05-sign",
        "The sign of an implicit reward depends on the other answers: that of B falls "
        "from 0.3561 to -0.2479 when a good fifth answer joins, at the same reward.",
        "What do level and sign mean?",
        "normalized_reward of five answers",
        b_among_five,
        near(-0.2479, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "05-any-link",
        "Z cancels for any link and for rankings: adding 7 to all rewards changes "
        "neither a probit loss nor a Plackett-Luce loss.",
        "Does the trick need Bradley–Terry?",
        "effect_of_prompt_constant",
        largest_effect,
        below(1e-12),
        FLOAT64,
    ),
    Claim(
        "05-two-prompts",
        "Across prompts Z stays: two answers of equal reward look 0.2422 points apart.",
        "What does not cancel",
        "the difference of two β log Z at β = ½",
        apparent_gap,
        near(0.2422, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "05-count",
        "There are 3.27·10^450 answers of 100 tokens from a vocabulary of 32,000.",
        "How large is the sum? (core)",
        "log10_responses, to a power of ten between 1 and 10",
        lambda: 10 ** (log10_responses(32_000, 100) - 450),
        near(3.27, within=5e-3),
        FLOAT64,
    ),
    Claim(
        "05-token",
        "Token by token the log-ratios of the best policy add up to the reward minus "
        "the value of the start, which is β log Z.",
        "Added up, only the start remains",
        "soft_bellman beside a sum over the four answers of a tree",
        lambda: np.abs(
            token_sums()
            - LEAVES
            + log_partition(chain_logp(TREE).ravel(), LEAVES.ravel(), 1.0)
        ).max(),
        near(0.0),
    ),
    Claim(
        "05-who-is-paid",
        "Which token of an answer is paid makes no difference to the best policy, as "
        "long as the totals are the same.",
        "Added up, only the start remains",
        "half a point paid at the first token instead of the last",
        paid_at_once,
        near(0.0),
    ),
    Claim(
        "05-sampled",
        "A thousand samples of four answers estimate Z at β = ½ with a relative error "
        "of 0.060; the number of answers does not enter the formula.",
        "Forty people estimate log Z",
        "relative_variance, the chi-square divergence over N",
        lambda: np.sqrt(relative_variance(REFERENCE, REWARD, 0.5, 1000)),
        near(0.0598, within=5e-4),
        FLOAT64,
    ),
    Claim(
        "05-biased-log",
        "The logarithm of an estimated Z is too low on average: by 0.29 nats with "
        "eight samples at β = ½.",
        "When sampling becomes hopeless (deeper)",
        "mean_log_estimate, all samples listed",
        lambda: (
            log_partition(REFERENCE, REWARD, 0.5)
            - mean_log_estimate(REFERENCE, REWARD, 0.5, 8)
        ),
        near(0.286, within=5e-3),
        FLOAT64,
    ),
    Claim(
        "05-quantile",
        "A reward that is its own quantile has the same Z for every prompt: 3.1945 at "
        "β = ½.",
        "A reward whose Z is known beforehand",
        "quantile_log_partition",
        lambda: np.exp(quantile_log_partition(0.5)),
        near(3.1945, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "05-other-penalty",
        "Under the forward KL the reward gaps can be read back exactly as well.",
        "Another penalty in the same recipe (deeper)",
        "recovered_reward of penalized_optimum, rewards 1, 0 and 2",
        lambda: np.ptp(read_back(OTHER, OTHER_REWARD, FORWARD_KL) - OTHER_REWARD),
        near(0.0, within=1e-9),
    ),
    Claim(
        "05-dropped",
        "Under a chi-square penalty answers can reach probability 0, and a gap of 10 "
        "reads as 2.",
        "Another penalty in the same recipe (deeper)",
        "recovered_reward where two of three answers are dropped",
        lambda: -np.diff(read_back(OTHER, np.array([10.0, 0.0, 0.0]), CHI_SQUARE))[0],
        near(2.0, within=1e-6),
    ),
)
