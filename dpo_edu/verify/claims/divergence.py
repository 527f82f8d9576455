"""Claims of chapter 03: who draws, what is infinite, what samples say of a KL."""

import numpy as np

from ...boltzmann import optimal_logp
from ...divergence import (
    cross_entropy,
    entropy,
    estimator_moments,
    joint_probability,
    kl_divergence,
    kl_per_token,
    likeliest_event,
    pinsker_bound,
)
from ..claim import FLOAT64, Claim, above, near

P, Q = np.array([0.7, 0.2, 0.1]), np.array([0.4, 0.4, 0.2])
REFERENCE = np.array([0.5, 0.3, 0.2])
POLICY = np.exp(optimal_logp(np.log(REFERENCE), [1.0, 0.0, 2.0], 1.0))
FAR = ([0.98, 0.02], [0.02, 0.98])
TWO_TOKENS = (
    [[0.6, 0.4], [[0.9, 0.1], [0.3, 0.7]]],
    [[0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]]],
)


def mean_log_ratio(draws: np.ndarray) -> float:
    """Of the tilted policy against its reference, over draws from ``draws``."""
    return draws @ np.log(POLICY / REFERENCE)


def kl_of_sequences() -> float:
    """Of two-token answers, over all four at once."""
    return kl_divergence(*(joint_probability(t).ravel() for t in TWO_TOKENS))


def gradient_from_fixed_samples(slope) -> np.ndarray:
    """Mean gradient in the policy's logits of an estimate k with k' = ``slope``(k1)."""
    score = np.eye(3) - POLICY  # row y: the gradient of log p(y)
    return (POLICY * slope(np.log(POLICY / REFERENCE))) @ score


def k2_is_the_gradient() -> float:
    """Largest difference to p (k1 - KL), the gradient of KL(p || q) in the logits."""
    k1 = np.log(POLICY / REFERENCE)
    exact = POLICY * (k1 - POLICY @ k1)
    return np.abs(gradient_from_fixed_samples(lambda k: k) - exact).max()


def k3_is_the_other_gradient() -> float:
    """Largest difference to p - q, the gradient of KL(q || p) in the logits of p."""
    found = gradient_from_fixed_samples(lambda k: -np.expm1(-k))
    return np.abs(found - (POLICY - REFERENCE)).max()


CLAIMS = (
    Claim(
        "03-one-way",
        "Each answer drawn from p = (0.7, 0.2, 0.1) adds 0.1838 nats to the log-odds "
        "against q = (0.4, 0.4, 0.2), on average.",
        "By hand",
        "kl_divergence",
        lambda: kl_divergence(P, Q),
        near(0.7 * np.log(7 / 4) - 0.3 * np.log(2)),
    ),
    Claim(
        "03-other-way",
        "With draws from q the divergence is another number, 0.1920 nats.",
        "The log-ratio changes its sign, and the weights change too",
        "kl_divergence, arguments swapped",
        lambda: kl_divergence(Q, P),
        near(0.4 * np.log(4 / 7) + 0.6 * np.log(2)),
    ),
    Claim(
        "03-dropping",
        "A policy that drops one of two equally likely answers pays log 2 nats.",
        "When is it infinite?",
        "kl_divergence",
        lambda: kl_divergence([1.0, 0.0, 0.0], [0.5, 0.5, 0.0]),
        near(np.log(2)),
    ),
    Claim(
        "03-adding",
        "A policy that adds an answer which the reference never gives pays infinitely "
        "much.",
        "When is it infinite?",
        "kl_divergence",
        lambda: kl_divergence([0.5, 0.4, 0.1], [0.5, 0.5, 0.0]),
        above(1e300),
    ),
    Claim(
        "03-cross-entropy",
        "The loss of model q on data from p exceeds the entropy of p by KL(p || q).",
        "What a model loses by not being the truth",
        "cross_entropy - entropy - kl_divergence",
        lambda: cross_entropy(P, Q) - entropy(P) - kl_divergence(P, Q),
        near(0.0),
    ),
    Claim(
        "03-other-draws",
        "Over draws from the reference, the mean log-ratio is minus the other "
        "divergence, here -0.2433, whereas the divergence of the policy is 0.2322.",
        "With other draws the sign changes",
        "the mean log-ratio plus kl_divergence(reference, policy)",
        lambda: mean_log_ratio(REFERENCE) + kl_divergence(REFERENCE, POLICY),
        near(0.0),
    ),
    Claim(
        "03-k3-steadier",
        "Near each other, the estimate k3 scatters 7.1 times less than k1.",
        "Averages over a hundred samples",
        "estimator_moments, exactly",
        lambda: np.sqrt(np.divide(*estimator_moments(P, Q)[1][[0, 2]])),
        near(7.1, within=0.05),
        FLOAT64,
    ),
    Claim(
        "03-k3-wild",
        "Far apart, for p = (0.98, 0.02) and q = (0.02, 0.98), the variance of k3 is "
        "33.3 and that of k1 is 1.2.",
        "The fine print of the third estimate",
        "estimator_moments, exactly: the variance of k3",
        lambda: estimator_moments(*FAR)[1][2],
        near(33.3, within=0.05),
        FLOAT64,
    ),
    Claim(
        "03-k3-biased",
        "Where p never gives an answer of q, k3 misses exactly the probability that q "
        "gives it, here 0.2.",
        "The fine print of the third estimate",
        "estimator_moments: the mean of k1 minus that of k3",
        lambda: (
            -np.diff(estimator_moments([0.5, 0.5, 0.0], [0.4, 0.4, 0.2])[0][[0, 2]])[0]
        ),
        near(0.2),
    ),
    Claim(
        "03-chain-rule",
        "The divergence of a sequence is the sum of those of its tokens, with prefixes "
        "drawn from p.",
        "Two tokens, by hand",
        "kl_per_token, summed, minus kl_divergence of all four answers",
        lambda: kl_per_token(*TWO_TOKENS).sum() - kl_of_sequences(),
        near(0.0),
    ),
    Claim(
        "03-rare-event",
        "An event of 1 % can reach 3.6 % at a divergence of 0.02 nats, and not more.",
        "Only two groups matter",
        "likeliest_event, in percent",
        lambda: 100 * likeliest_event(0.01, 0.02),
        near(3.6, within=0.05),
        FLOAT64,
    ),
    Claim(
        "03-pinsker-generous",
        "Pinsker's inequality would let the same event reach 11 %.",
        "The sharp bound and Pinsker's",
        "0.01 + pinsker_bound, in percent",
        lambda: 100 * (0.01 + pinsker_bound(0.02)),
        near(11.0),
    ),
    Claim(
        "03-gradient-of-k2",
        "If the samples are taken as fixed, the mean gradient of the k2 of a whole "
        "answer is that of KL(p || q).",
        "A good estimate can have a wrong gradient (deeper)",
        "the largest difference, over three logits",
        k2_is_the_gradient,
        near(0.0),
    ),
    Claim(
        "03-gradient-of-k3",
        "If the samples are taken as fixed, the mean gradient of the k3 of a whole "
        "answer is that of the other divergence, KL(q || p).",
        "A good estimate can have a wrong gradient (deeper)",
        "the largest difference, over three logits",
        k3_is_the_other_gradient,
        near(0.0),
    ),
)
