"""Claims of chapter 04: the tilted reference, its value, its price and its limits."""

import numpy as np

from ...boltzmann import (
    log_partition,
    objective,
    optimal_logp,
    regret,
    reward_covariance,
)
from ...boltzmann.best_of_n import best_of_n_logp
from ...boltzmann.evidence import (
    elbo,
    evidence_probability,
    runaway_log_partition,
    runaway_world,
)
from ...boltzmann.frontier import (
    best_proxy_beta,
    beta_for_kl,
    beta_sweep,
    greedy_limit_logp,
)
from ...divergence import kl_from_logs
from ..claim import FLOAT64, Claim, above, near

REFERENCE = np.log([1 / 2, 1 / 4, 1 / 8, 1 / 8])
REWARD = np.array([0.0, 1.0, 2.0, -1.0])
GOLD = np.array([0.0, 1.0, 0.5, -1.0])
BIT = 1 / np.log(2)  # the β of one point per bit
UNIFORM = np.log(np.full(4, 0.25))


def probability(beta: float, answer: int) -> float:
    """What the best policy gives an answer of the faucet question."""
    return np.exp(optimal_logp(REFERENCE, REWARD, beta)[answer])


def farthest_from_the_identity() -> float:
    """|J* - J - β KL(π || π*)| over a thousand random policies, the largest."""
    random = np.log(np.random.default_rng(0).dirichlet(np.ones(4), size=1000))
    short = BIT * log_partition(REFERENCE, REWARD, BIT)
    short = short - objective(random, REFERENCE, REWARD, BIT)
    return np.abs(short - regret(random, REFERENCE, REWARD, BIT)).max()


def reward_per_nat() -> float:
    """What one more nat buys at a budget of 0.1 nats, over the β that spends it."""
    betas = [beta_for_kl(REFERENCE, REWARD, spent) for spent in (0.099, 0.1, 0.101)]
    curve = beta_sweep(REFERENCE, REWARD, [betas[0], betas[2]])
    return np.diff(curve.reward)[0] / np.diff(curve.kl)[0] / betas[1]


def bend_of_log_z() -> float:
    """The second difference of log Z in 1/β at β = ½, over the reward's variance."""
    heights = [log_partition(REFERENCE, REWARD, 1 / s) for s in (1.999, 2.0, 2.001)]
    half = optimal_logp(REFERENCE, REWARD, 0.5)
    variance = reward_covariance(half, REWARD, REWARD)
    return np.diff(heights, 2)[0] / 0.001**2 / variance


CLAIMS = (
    Claim(
        "04-tilt",
        "With one point per bit the answers A, B and C tie at 0.32, and their average "
        "multiplier Z is 25/16.",
        "By hand",
        "optimal_logp: the probability of C",
        lambda: probability(BIT, 2),
        near(0.32),
    ),
    Claim(
        "04-always-best",
        "To answer always with the best answer has J = 2 - 3 = -1, less than doing "
        "nothing.",
        "Five policies compete",
        "objective of a policy that only says C",
        lambda: objective(np.log([1e-300, 1e-300, 1, 1e-300]), REFERENCE, REWARD, BIT),
        near(-1.0),
    ),
    Claim(
        "04-best-value",
        "The best value is J(π*) = β log Z.",
        "One line holds the optimum and every regret",
        "objective of optimal_logp minus β log_partition",
        lambda: (
            objective(optimal_logp(REFERENCE, REWARD, BIT), REFERENCE, REWARD, BIT)
            - BIT * log_partition(REFERENCE, REWARD, BIT)
        ),
        near(0.0),
    ),
    Claim(
        "04-regret",
        "Every policy loses J(π*) - J(π) = β KL(π || π*) against the best one.",
        "Two roads to the regret",
        "the largest difference over a thousand random policies",
        farthest_from_the_identity,
        near(0.0),
    ),
    Claim(
        "04-only-the-ratio",
        "Rewards seven times as large at seven times the β have the same best policy, "
        "which gives C 0.7427 at β = ½.",
        "Is a price of 0.1 small?",
        "optimal_logp, scaled and not",
        lambda: (
            np.exp(optimal_logp(REFERENCE, 7 * REWARD, 3.5)[2]) - probability(0.5, 2)
        ),
        near(0.0),
    ),
    Claim(
        "04-small-beta",
        "As β goes to 0, the divergence of the best policy stops at log 8 = 2.0794 "
        "nats, because C has 1/8 under the reference.",
        "What the price buys (core)",
        "greedy_limit_logp",
        lambda: kl_from_logs(greedy_limit_logp(REFERENCE, REWARD), REFERENCE),
        near(np.log(8)),
    ),
    Claim(
        "04-slope-of-log-z",
        "The second derivative of log Z in 1/β is the variance of the reward under the "
        "best policy.",
        "The slope of log Z is the expected reward",
        "second differences over reward_covariance",
        bend_of_log_z,
        near(1.0, within=1e-4),
        FLOAT64,
    ),
    Claim(
        "04-budget",
        "If 0.1 nats may be spent, β is the reward that one more nat would buy.",
        "Is a price of 0.1 small?",
        "beta_for_kl beside differences of beta_sweep",
        reward_per_nat,
        near(1.0, within=1e-3),
        FLOAT64,
    ),
    Claim(
        "04-tilts-compose",
        "Two rounds at β = 1 with the reference reset are one round at β = ½.",
        "Is a price of 0.1 small?",
        "optimal_logp twice and once",
        lambda: np.abs(
            optimal_logp(optimal_logp(REFERENCE, REWARD, 1.0), REWARD, 1.0)
            - optimal_logp(REFERENCE, REWARD, 0.5)
        ).max(),
        near(0.0),
    ),
    Claim(
        "04-evidence",
        "log Z is the ELBO of any policy plus its divergence from the best one.",
        "One sum has two parts",
        "elbo + KL - log_partition for the uniform policy at β = ½",
        lambda: (
            elbo(UNIFORM, REFERENCE, REWARD, 0.5)
            + regret(UNIFORM, REFERENCE, REWARD, 0.5) / 0.5
            - log_partition(REFERENCE, REWARD, 0.5)
        ),
        near(0.0),
    ),
    Claim(
        "04-rejection",
        "Rejection sampling takes 5.94 draws per kept answer at β = ½, and never more "
        "than 8, one over the reference's probability of the best answer.",
        "What this sampler costs",
        "1 / evidence_probability",
        lambda: 1 / evidence_probability(REFERENCE, REWARD, 0.5),
        near(5.94, within=0.005),
        FLOAT64,
    ),
    Claim(
        "04-infinite-z",
        "Where a word earns a point and costs a bit, Z is infinite for β up to "
        "1/log 2, and no policy is best.",
        "A sum that does not end",
        "runaway_log_partition just below the border",
        lambda: runaway_log_partition(BIT - 1e-6),
        above(1e300),
    ),
    Claim(
        "04-finite-z",
        "At β = 2 the same endless world has the finite log Z = 1.5462.",
        "The solution for any reward?",
        "log_partition of the first thousand responses",
        lambda: log_partition(*runaway_world(1000), 2.0),
        near(1.5462, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "04-best-of-n",
        "The divergence of best-of-4 is 0.5516 nats here, and log 4 - 3/4 = 0.6363 is "
        "only an upper bound.",
        "Best-of-N (deeper)",
        "kl_from_logs of best_of_n_logp",
        lambda: kl_from_logs(best_of_n_logp(REFERENCE, REWARD, 4), REFERENCE),
        near(0.5516, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "04-over-optimization",
        "With a wrong reward the gold reward peaks at β = 0.5467 and falls from there "
        "on, although the penalty stays.",
        "When the reward is wrong (deeper)",
        "best_proxy_beta",
        lambda: best_proxy_beta(REFERENCE, REWARD, GOLD, np.geomspace(0.03, 100, 400)),
        near(0.5467, within=5e-5),
        FLOAT64,
    ),
)
