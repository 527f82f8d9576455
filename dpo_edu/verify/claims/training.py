"""Claims of chapter 11: what training reaches, what labels cost, what a log shows.

Runs are read from the stored grids; ``python -m dpo_edu.experiments`` makes them again.
"""

from functools import cache

import numpy as np

from ...bradley_terry import sigmoid
from ...divergence import kl_from_logs
from ...dpo_gradient import gradient_weight
from ...dpo_loss import dpo_loss
from ...experiments.grid import stored
from ...experiments.training.clinic import PATIENTS
from ..claim import FLOAT64, SAMPLED, Claim, above, below, near

REFERENCE, POLICY = np.log([0.5, 0.3, 0.2]), np.log([0.1, 0.2, 0.7])
grid = cache(stored)


def hard(count: int, measure: str, stopped: bool = False) -> list[float]:
    """A measure of the runs on so many verdicts: at the end, or stopped in time."""
    runs = grid("training")["hard"][str(count)]
    if stopped:
        rows = [min(run, key=lambda row: row["held_out_loss"]) for run in runs]
    else:
        rows = [run[-1] for run in runs]
    return [row[measure] for row in rows]


def patient(letter: str) -> dict:
    """The log of one patient of the clinic, and its nudge."""
    return grid("training")["broken"][PATIENTS[letter]]


def forced_fall() -> float:
    """Mean log-ratio over the reference's answers plus KL(reference || policy)."""
    mean = np.exp(REFERENCE) @ (POLICY - REFERENCE)
    return mean + kl_from_logs(REFERENCE, POLICY)


def growth_of_margins() -> float:
    """Smallest factor by which a sure-label margin grows over the last ten rows."""
    runs = grid("training")["sure, table"].values()
    return min(rows[-1]["margin"] / rows[-11]["margin"] for rows in runs)


def verdict_on_the_largest_margin() -> float:
    """J at β = 1 of the run with the largest margin minus the least J of the others."""
    results = grid("training")
    runs = [*results["soft"].values(), results["hard"]["long"]]
    runs.sort(key=lambda rows: sum(row["margin"] for row in rows[-10:]))  # of batches
    ends = (rows[-1] for rows in runs)
    *others, largest = (row["reward"] - row["kl_from_reference"] for row in ends)
    return largest - min(others)


def rounds_minus_offline() -> list[float]:
    """J after four rounds with all labels minus J offline, both tuned, by seed."""
    tuned = grid("online")["tuned"]
    sides = (tuned[side]["runs"] for side in ("fixed, all labels", "offline"))
    pairs = zip(*sides, strict=True)
    return [new[-1]["objective"] - old[-1]["objective"] for new, old in pairs]


CLAIMS = (
    Claim(
        "11-log-2",
        "When the policy is the reference, the loss is log 2 = 0.6931 on any data.",
        "The first row of the log",
        "dpo_loss of a pair that the reference has badly wrong",
        lambda: dpo_loss(-60.0, -20.0, -60.0, -20.0, beta=0.5).item(),
        near(0.6931, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "11-first-pull",
        "The first gradient is not zero: every pair pulls with β/2.",
        "The first row of the log",
        "β times the weight at gap 0, for β = 0.5",
        lambda: 0.5 * gradient_weight(0.0, beta=0.5),
        near(0.25),
    ),
    Claim(
        "11-soft",
        "Soft labels reach the optimum: the policy gets more than 0.99 of what can be "
        "gained.",
        "Given time",
        "share at the end of the stored run at β = 1",
        lambda: grid("training")["soft"]["1.0"][-1]["share"],
        above(0.99),
        FLOAT64,
    ),
    Claim(
        "11-forced-fall",
        "On pairs from the reference the mean log-ratio of both sides is minus "
        "KL(reference ‖ policy), for every policy.",
        "Both log-probabilities fall. Is it broken?",
        "the sum of both, three answers",
        forced_fall,
        near(0.0),
    ),
    Claim(
        "11-few-pairs",
        "Twenty epochs on 500 verdicts end below the share of doing nothing.",
        "What labels cost (core)",
        "the better of two stored runs",
        lambda: max(hard(500, "share")),
        below(0.0),
        FLOAT64,
    ),
    Claim(
        "11-stopped",
        "Stopped where the held-out loss is least, the same runs gain something.",
        "Error against number of pairs",
        "the worse of two stored runs",
        lambda: min(hard(500, "share", stopped=True)),
        above(0.1),
        FLOAT64,
    ),
    Claim(
        "11-more-pairs",
        "Forty times the pairs leave less than a fifth of the distance to the optimum.",
        "Error against number of pairs",
        "mean KL to the optimum at 20,000 pairs over that at 500",
        lambda: (
            np.mean(hard(20_000, "kl_to_optimum")) / np.mean(hard(500, "kl_to_optimum"))
        ),
        below(0.2),
        FLOAT64,
    ),
    Claim(
        "11-no-minimum",
        "With labels that are sure margins grow at every β, for as long as one trains.",
        "With sure labels two quantities run away, one cannot",
        "smallest factor over the last ten stored rows of three tables",
        growth_of_margins,
        above(1.01),
        FLOAT64,
    ),
    Claim(
        "11-nothing-moves",
        "A reference that is the policy itself, with gradient, gives a gradient of "
        "exactly zero.",
        "Ward 1: the loss does not move",
        "largest norm in the log of patient D",
        lambda: max(row["gradient"] for row in patient("D")["log"]),
        near(0.0),
    ),
    Claim(
        "11-row-0",
        "Dropout shows in row 0: the first loss is off log 2 by a thousandth and more.",
        "Ward 2: they look healthy",
        "first loss of patient G",
        lambda: abs(patient("G")["log"][0]["loss"] - np.log(2)),
        above(1e-3),
        FLOAT64,
    ),
    Claim(
        "11-swapped",
        "With chosen and rejected swapped the loss falls and the policy gets worse: "
        "annotators prefer the reference.",
        "Ward 3: they move",
        "win rate at the end of patient I",
        lambda: patient("I")["log"][-1]["win_rate"],
        below(0.5),
        FLOAT64,
    ),
    Claim(
        "11-margin",
        "The larger margin is not the better policy: of three soft runs and a long one "
        "on verdicts, the run with the largest margin has the worst objective.",
        "The larger margin is not the better policy",
        "its reward minus KL, less the worst of the others",
        verdict_on_the_largest_margin,
        below(0.0),
        FLOAT64,
    ),
    Claim(
        "11-both-orders",
        "A judge who adds half a point to what she reads first is fair on equal "
        "answers if asked in both orders, and nearly fair at a gap of 1.5: 0.8059.",
        "The answer shown first",
        "mean of σ(2) and σ(1)",
        lambda: (sigmoid(2.0) + sigmoid(1.0)) / 2,
        near(0.8059, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "11-rounds",
        "Where the reference hardly says the best answers, four rounds of fresh pairs "
        "beat offline training with as many labels, both tuned.",
        "DPO, online, or reinforcement learning? (core)",
        "difference in J on chapter 15's world, five seeds",
        rounds_minus_offline,
        above(0.2),
        SAMPLED,
    ),
    Claim(
        "11-computed-reward",
        "Reinforcement learning on a reward that can be computed gets more than nine "
        "tenths of what can be gained.",
        "DPO, online, or reinforcement learning? (core)",
        "share at the end of PPO on the true reward, five seeds",
        lambda: [
            run["rows"][-1]["share"]
            for run in grid("policy_gradient")["truth"]
            if run["method"] == "PPO"
        ],
        above(0.9),
        SAMPLED,
    ),
)
