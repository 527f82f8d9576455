"""Claims of chapter 12: estimators by all their samples, and methods at their best.

Runs are read from the stored grid; ``python -m dpo_edu.experiments`` makes them again.
"""

from functools import cache

import numpy as np
import torch

from ...boltzmann import log_partition, optimal_logp
from ...dpo_gradient import gradient_weight
from ...experiments.grid import stored
from ...policy_gradient import (
    group_centered_advantages,
    group_normalized_advantages,
    penalized_reward,
)
from ...policy_gradient.discrete_sampling import exact_gradient, straight_through
from ...policy_gradient.frontier_distance import nats_off_frontier
from ...policy_gradient.grpo_optimum import grpo_optimal_logp
from ...policy_gradient.moments import (
    group_moments,
    moments,
    one_sample_variance,
    score_function_estimates,
)
from ..claim import FLOAT64, SAMPLED, Claim, above, below, between, near

LOGP = torch.tensor([1 / 2, 1 / 4, 1 / 4], dtype=torch.float64).log()
REWARD = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64)
NEW, OLD = np.log([0.7, 0.2, 0.1]), np.log([0.4, 0.4, 0.2])
REFERENCE, WANTED = np.log([[0.5, 0.3, 0.2]]), np.array([[1.0, 0.0, 2.0]])
grid = cache(stored)


def at_the_optimum() -> float:
    """Trace-variance of a sample's worth at pi*, with beta log Z for a baseline."""
    best = optimal_logp(REFERENCE[0], WANTED[0], 0.5)
    worth = penalized_reward(best, REFERENCE[0], WANTED[0], 0.5)
    level = 0.5 * float(log_partition(REFERENCE[0], WANTED[0], 0.5))
    return moments(np.exp(best), score_function_estimates(best, worth, level)).trace


def mean_step(advantages) -> torch.Tensor:
    """Mean over all groups of four of the three answers."""
    return group_moments(LOGP, REWARD, 4, advantages).mean


def noise_of_a_ratio(drawn_by) -> float:
    """Trace-variance of a sample's share in the gradient at ``NEW``, by its ratio."""
    ratio = torch.tensor(np.exp(NEW - drawn_by))
    each = ratio[:, None] * score_function_estimates(NEW, REWARD)
    return moments(np.exp(drawn_by), each).trace


def two_samples_and_a_pair() -> float:
    """Weight of GRPO on two samples minus that of DPO's first step at beta = 1."""
    advantage = group_normalized_advantages([3.0, 0.0])[0]
    return float(advantage / 2 - gradient_weight(0.0, beta=1.0))


def coin(estimate) -> float:
    """A slope of the coin's cost (b - 0.45)^2 at p = 0.3, by ``estimate``."""
    logits = torch.tensor([np.log(0.3 / 0.7), 0.0], dtype=torch.float64)
    found = estimate(logits, lambda y: (y[..., 0] - 0.45) ** 2)
    return float(found[0] if isinstance(found, torch.Tensor) else found.mean[0])


def shares(method: str) -> np.ndarray:
    """Share of what can be gained from 5,000 pairs at beta 1, one per seed."""
    runs = [run for run in grid("policy_gradient")["runs"] if run["method"] == method]
    mine = [run for run in runs if (run["pairs"], run["beta"]) == (5_000, 1.0)]
    shortest = min(run["extra"] for run in mine)
    return _by_seed([run for run in mine if run["extra"] == shortest], "share")


def at_rest(kind: str, beta: float, measure: str) -> np.ndarray:
    """A column of what is enumerated on the learned rewards, one per seed."""
    rows = [row for row in grid("policy_gradient")["rest"] if row["kind"] == kind]
    return _by_seed([row for row in rows if abs(row["beta"] - beta) < 1e-6], measure)


def tuned(method: str) -> np.ndarray:
    """Share of a method at the setting that was found for it, one per seed."""
    (row,) = (r for r in grid("policy_gradient")["tuned"] if r["method"] == method)
    return _by_seed(row["runs"], "share")


def _by_seed(rows: list[dict], measure: str) -> np.ndarray:
    return np.array([row[measure] for row in sorted(rows, key=lambda row: row["seed"])])


def epochs(method: str, extra: int) -> np.ndarray:
    """Share at 5,000 pairs and beta 1, with so many passes beyond ten epochs."""
    wanted = {"method": method, "pairs": 5_000, "beta": 1.0, "extra": extra}
    runs = grid("policy_gradient")["runs"]
    mine = [run for run in runs if wanted.items() <= run.items()]
    return np.array([run["share"] for run in sorted(mine, key=lambda run: run["seed"])])


def gold_at_the_end(seen: str) -> np.ndarray:
    """True reward of the greediest exact optimum of each reward model."""
    models = grid("policy_gradient")["wrong"]
    return np.array([m["exact"][-1]["gold"] for m in models if m["seen"] == seen])


def off_the_frontier(method: str) -> list[float]:
    """Nats off the frontier at the end of a run on the true reward."""
    runs = grid("policy_gradient")["truth"]
    return [run["last"]["nats_off_frontier"] for run in runs if run["method"] == method]


CLAIMS = (
    Claim(
        "12-baseline",
        "The mean reward as baseline takes the variance of a sample from 1.6875 to "
        "0.5625.",
        "Baselines (core)",
        "one_sample_variance of the three answers",
        lambda: one_sample_variance(LOGP, REWARD, 1.0),
        near(0.5625),
    ),
    Claim(
        "12-quiet",
        "At the optimum a sample with the right baseline has no noise at all.",
        "At the optimum",
        "trace-variance at pi* of a table of three",
        at_the_optimum,
        near(0.0),
    ),
    Claim(
        "12-own-sample",
        "A group of four with its own mean for a baseline shows three quarters of the "
        "gradient.",
        "What if the sample is in its own baseline?",
        "mean over all 81 groups, last coordinate, over the exact gradient",
        lambda: float(mean_step(group_centered_advantages)[2] / 0.5),
        near(0.75),
    ),
    Claim(
        "12-deviation",
        "Divided by the group's deviation the mean step has another direction: an "
        "answer whose exact gradient is 0 is pushed up by 0.0650.",
        "What if the sample is in its own baseline?",
        "mean over all 81 groups, middle coordinate",
        lambda: float(mean_step(group_normalized_advantages)[1]),
        near(0.0650, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "12-ratio",
        "A ratio can take noise away: samples of the old policy leave 0.42 of the "
        "trace-variance of the policy's own.",
        "The price of a ratio",
        "trace-variance of ratio * reward * score, old over new",
        lambda: noise_of_a_ratio(OLD) / noise_of_a_ratio(NEW),
        near(0.522 / 1.239),
    ),
    Claim(
        "12-two-samples",
        "GRPO with two samples, not divided by length, and DPO's first step at β = 1 "
        "weigh a pair alike.",
        "Two samples are a pair",
        "half an advantage minus gradient_weight",
        two_samples_and_a_pair,
        near(0.0),
    ),
    Claim(
        "12-rest",
        "GRPO comes to rest off the frontier, though with the true reward and without "
        "noise.",
        "Where GRPO comes to rest",
        "nats_off_frontier of a table of three at β = 0.5",
        lambda: nats_off_frontier(
            grpo_optimal_logp(REFERENCE, WANTED, 0.5), REFERENCE, WANTED
        ),
        above(0.01),
        FLOAT64,
    ),
    Claim(
        "12-loop",
        "Given the true reward, PPO ends less than a tenth of a nat off the frontier.",
        "The loop works",
        "nats off the frontier at the end, five seeds",
        lambda: off_the_frontier("PPO"),
        below(0.1),
        SAMPLED,
    ),
    Claim(
        "12-equal-beta",
        "From the same 5,000 pairs and at β = 1 DPO gains more than the optimum of a "
        "reward model, which perfect RL would reach.",
        "What RL lacks is missing in its reward",
        "share of DPO minus share of the enumerated optimum, five seeds",
        lambda: shares("DPO") - at_rest("exact", 1.0, "share"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "12-own-beta",
        "Its interval, read alone, says that with a β of its own, √2, that optimum and "
        "DPO differ by less than 0.1 in share; five seeds do not separate the two.",
        "What RL lacks is missing in its reward",
        "share of DPO minus share of the enumerated optimum at √2, five seeds",
        lambda: shares("DPO") - at_rest("exact", 2**0.5, "share"),
        between(-0.1, 0.1),
        SAMPLED,
    ),
    Claim(
        "12-tuned",
        "Tuned by one rule, GRPO ends below DPO.",
        "What RL lacks is missing in its reward",
        "share of GRPO minus share of DPO, each at its own setting, five seeds",
        lambda: tuned("GRPO") - tuned("DPO"),
        below(0.0),
        SAMPLED,
    ),
    Claim(
        "12-other-kl",
        "On learned rewards Dr. GRPO at β = 1 rests more than three nats further from "
        "the reference than the optimum does.",
        "Where GRPO comes to rest",
        "KL of both to the reference, by enumeration, five seeds",
        lambda: (
            at_rest("Dr. GRPO", 1.0, "kl_from_reference")
            - at_rest("exact", 1.0, "kl_from_reference")
        ),
        above(3.0),
        SAMPLED,
    ),
    Claim(
        "12-praise",
        "A reward model that saw praise only leads perfect RL to less true reward than "
        "one that saw everything.",
        "The proxy rises, the gold stays behind",
        "gold of the greediest exact optimum, praise minus control, five seeds",
        lambda: gold_at_the_end("praise") - gold_at_the_end("all"),
        below(0.0),
        SAMPLED,
    ),
    Claim(
        "12-relaxed",
        "Straight-through can have the wrong sign: on the coin it says -3 times the "
        "slope.",
        "Bias and variance of the first three, exactly",
        "the coin, straight-through over exact",
        lambda: coin(straight_through) / coin(exact_gradient),
        near(-3.0),
    ),
    Claim(
        "12-epochs",
        "Ten more epochs over the same 5,000 pairs make DPO worse.",
        "More compute, more pairs (deeper)",
        "share after twenty epochs minus after ten, five seeds",
        lambda: epochs("DPO", 300_000) - epochs("DPO", 0),
        below(0.0),
        SAMPLED,
    ),
)
