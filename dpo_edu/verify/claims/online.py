"""Claims of chapter 15: what rounds buy, what moves beta, what a judge's errors do.

Runs are read from the stored grid; ``python -m dpo_edu.experiments`` makes them again.
"""

from functools import cache

import numpy as np
import torch

from ...boltzmann import objective, optimal_logp
from ...bradley_terry import flipped, logit, sigmoid
from ...cancellation import implicit_reward
from ...dpo_loss import dpo_loss
from ...experiments.grid import stored
from ...online import (
    effective_beta,
    exact_round,
    fixed_reference,
    iterate,
    mixed_reference,
    moving_reference,
)
from ..claim import FLOAT64, SAMPLED, Claim, above, below, near

REFERENCE = np.log([0.5, 0.25, 0.125, 0.125])
REWARD = np.array([0.0, 1.0, 2.0, -1.0])
grid = cache(stored)


def ends(condition: str, measure: str = "objective") -> np.ndarray:
    """A measure of a condition's last policies, one number per seed."""
    return np.array([rows[-1][measure] for rows in grid("online")[condition]])


def tuned(side: str, measure: str = "objective") -> np.ndarray:
    """The same of a side that was tuned."""
    runs = grid("online")["tuned"][side]["runs"]
    return np.array([rows[-1][measure] for rows in runs])


def blind_spread() -> float:
    """J with C at 0.2 minus J with C at 0.001, A and B in one ratio: one loss."""
    ref, reward = np.log([0.5, 0.3, 0.2]), np.array([1.0, 0.0, 2.0])
    odds, values = 0.5 / 0.3 * np.e, []
    for c in (0.2, 0.001):
        logp = np.log([(1 - c) * odds / (1 + odds), (1 - c) / (1 + odds), c])
        values.append(float(objective(logp, ref, reward, 1.0)))
    return values[0] - values[1]


def off_the_law(moves, rounds: int, beta: float) -> float:
    """Largest distance of exact rounds at β = 1 to one round at ``beta``."""
    learn = exact_round(REWARD, beta=1.0)
    walked = iterate(REFERENCE, REFERENCE, moves(learn), rounds)[-1]
    return float(abs(walked - optimal_logp(REFERENCE, REWARD, beta)).max())


def halfway(learn):
    """A reference that goes half of the way."""
    return mixed_reference(learn, share=0.5)


def own_slope() -> float:
    """Steepest slope of the DPO loss on soft labels that the policy gives itself."""
    logp = torch.tensor([-2.0, -3.5], dtype=torch.float64, requires_grad=True)
    ref_logp = torch.tensor([-2.5, -3.0], dtype=torch.float64)
    reward = 0.5 * (logp - ref_logp).detach()
    label = torch.sigmoid(reward[:1] - reward[1:])
    loss = dpo_loss(logp[:1], logp[1:], ref_logp[:1], ref_logp[1:], 0.5, label=label)
    loss.backward()
    assert logp.grad is not None
    return float(logp.grad.abs().max())


def off_half_the_beta() -> float:
    """Distance of an exact self-labeled round, moving, to the optimum at half the β."""
    timid = optimal_logp(REFERENCE, REWARD, beta=2.0)
    belief = implicit_reward(timid, REFERENCE, 0.7)
    sharper = optimal_logp(timid, belief, 0.7)
    return float(abs(sharper - optimal_logp(REFERENCE, REWARD, beta=1.0)).max())


def worth(rate: float) -> float:
    """Information of a verdict with slips near a tie, of an honest one's."""
    p, slope = flipped(0.5, rate), 1 - 2 * rate
    return slope**2 * 0.25 / (p * (1 - p))


CLAIMS = (
    Claim(
        "15-blind",
        "Two policies with one DPO loss differ by 0.4695 in J, because nobody "
        "compared the best answer.",
        "What offline data cannot see (core)",
        "three answers, of which two are compared",
        blind_spread,
        near(0.4695, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "15-rounds",
        "With a reference that hides the good answers, four rounds of fresh pairs beat "
        "offline training with as many verdicts, both tuned.",
        "A fair comparison",
        "J after four rounds, all labels kept, minus J offline, five seeds",
        lambda: tuned("fixed, all labels") - tuned("offline"),
        above(0.2),
        SAMPLED,
    ),
    Claim(
        "15-ordinary",
        "With chapter 11's ordinary reference four rounds end above offline training, "
        "too.",
        "A fair comparison",
        "J after four rounds, all labels kept, minus J offline, five seeds",
        lambda: tuned("ordinary, fixed, all labels") - tuned("ordinary, offline"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "15-newest",
        "Tuned each for itself, rounds on the newest verdicts alone end above rounds "
        "on all verdicts so far.",
        "Keep the old labels, or train on the newest?",
        "difference in J, fixed reference, five seeds",
        lambda: tuned("fixed, newest labels") - tuned("fixed, all labels"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "15-moving",
        "Four exact rounds at β = 1 with a moving reference are one round at β = 0.25.",
        "Many moving rounds are one round at a smaller beta",
        "largest difference of log-probabilities of four answers",
        lambda: off_the_law(moving_reference, 4, effective_beta(1.0, 4)),
        near(0.0),
    ),
    Claim(
        "15-fixed",
        "With a fixed reference the second exact round has nothing left to do.",
        "Many moving rounds are one round at a smaller beta",
        "three rounds against one, largest difference of log-probabilities",
        lambda: off_the_law(fixed_reference, 3, 1.0),
        near(0.0),
    ),
    Claim(
        "15-halfway",
        "Five rounds at β = 1 whose reference goes half of the way are one round at "
        "β = 1/3.",
        "A reference that follows halfway",
        "largest difference of log-probabilities of four answers",
        lambda: off_the_law(halfway, 5, 1 / 3),
        near(0.0),
    ),
    Claim(
        "15-slips-flatten",
        "Where one verdict in five is turned around, a difference of 6 sounds like "
        "1.3770.",
        "What the labels suggest",
        "log-odds of 0.8 σ(6) + 0.2 (1 − σ(6))",
        lambda: float(logit(flipped(sigmoid(6.0), rate=0.2))),
        near(1.3770, within=5e-5),
    ),
    Claim(
        "15-slips-cost",
        "Such a verdict is worth at most 0.36 of an honest one.",
        "AI feedback as the next step (deeper)",
        "ratio of Fisher information at a tie",
        lambda: worth(0.2),
        near(0.36),
    ),
    Claim(
        "15-slips-end",
        "With 4,000 verdicts slips of 0.2 cost part of what can be gained, and the "
        "policy still gains.",
        "What slips cost",
        "share of five seeds at a rate of 0.2",
        lambda: ends("slips 0.2", "share"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "15-taste",
        'A judge who reads past "not" leaves the policy below its reference.',
        "A judge with a taste",
        "J after four rounds minus J of the reference, five seeds",
        lambda: (
            ends("overlooks not")
            - [rows[0]["objective"] for rows in grid("online")["overlooks not"]]
        ),
        below(0.0),
        SAMPLED,
    ),
    Claim(
        "15-own-labels",
        "Soft labels that a policy gives itself teach nothing with a fixed reference.",
        "What it can and cannot do",
        "autograd through dpo_loss of one pair",
        own_slope,
        near(0.0),
    ),
    Claim(
        "15-sharpening",
        "With a moving reference an exact round on its own labels halves β for the "
        "reward that the policy already believes in.",
        "Sharpening, exactly",
        "largest difference of log-probabilities of four answers",
        off_half_the_beta,
        near(0.0),
    ),
    Claim(
        "15-own-verdicts",
        "A trained policy that labels three rounds by itself loses J.",
        "The same, with a trained policy",
        "J at the end minus J after the annotators' round, fixed reference, five seeds",
        lambda: (
            ends("itself, fixed")
            - [rows[1]["objective"] for rows in grid("online")["itself, fixed"]]
        ),
        below(0.0),
        SAMPLED,
    ),
)
