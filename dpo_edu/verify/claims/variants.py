"""Claims of chapter 14: what each loss wants, and what runs that are tuned alike get.

Runs are read from the stored grid; ``python -m dpo_edu.experiments`` makes them again.
"""

from functools import cache, partial

import numpy as np
import torch

from ...boltzmann import optimal_logp
from ...bradley_terry import all_rankings, logit, pair_product_nll, sigmoid
from ...experiments.grid import stored
from ...experiments.shared_start import shared_start
from ...variants import cdpo_loss, kto_loss, length_normalized_loss, rdpo_loss
from ...variants.optima import dpo_gap, ipo_gap, searched_logit
from ...variants.table import PAIR_LOSSES
from ..claim import FLOAT64, SAMPLED, Claim, above, below, near

grid = cache(stored)


def flips_undone() -> float:
    """rDPO on labels of which one in ten is exchanged, minus DPO on clean ones."""
    margin, rate = 0.7, 0.8 * 0.9 + 0.2 * 0.1
    on_flipped = rate * rdpo_loss(margin, 1.0, 0.1) + (1 - rate) * rdpo_loss(
        -margin, 1.0, 0.1
    )
    clean = 0.8 * cdpo_loss(margin, 1.0, 0) + 0.2 * cdpo_loss(-margin, 1.0, 0)
    return float(on_flipped - clean)


def simpos_best(reference: float) -> float:
    """The probability that SimPO's optimum gives A, from this reference."""
    loss = partial(PAIR_LOSSES["SimPO"], beta=1.0)
    return sigmoid(searched_logit(loss, 0.75, ref_logit=logit(reference)))


def kto_pull(lead: float) -> float:
    """The slope of KTO's loss of a thumb up, at β = 0.1."""
    ratio = torch.tensor(lead, dtype=torch.float64, requires_grad=True)
    kto_loss(ratio, True, 0.0, 0.1).backward()
    assert ratio.grad is not None
    return -ratio.grad.item()


def gap_of_three_tokens() -> float:
    """LN-DPO's best gap on two responses of three tokens over DPO's."""
    three = torch.tensor(3.0, dtype=torch.float64)

    def loss(pair):
        return length_normalized_loss(*pair[:4], three, three, 0.8)

    return searched_logit(loss, 0.7) / float(dpo_gap(0.7, 0.8))


def mismatched_at_the_optimum() -> float:
    """KTO's reference point, expected, where the policy is the optimum for β = 1."""
    data, reference, _ = shared_start()
    return mismatched(reference.logp, data.world.reward)


def mismatched(ref_logp, reward) -> float:
    """Mean log-ratio of that optimum over what the reference says to other prompts."""
    best = optimal_logp(ref_logp, np.array(reward), beta=1.0)
    ref = np.exp(ref_logp)  # (P, R)
    others = (ref.sum(0) - ref) / (len(ref) - 1)
    return float((others * (best - ref_logp)).sum(-1).mean())


def pair_products() -> float:
    """The products of pairs, summed over the six rankings of three."""
    scores = np.array([1.0, 0.0, -1.0])
    orders, _ = all_rankings(scores)
    return float(np.exp(-pair_product_nll(scores[orders])).sum())


def over_dpo(arm: str, name: str, measure: str) -> np.ndarray:
    """A measure of the tuned runs of a loss minus DPO's, one number per seed."""
    runs = grid("variants")["runs"][arm]
    pairs = zip(runs[name], runs["DPO"], strict=True)
    return np.array([row[measure] - other[measure] for row, other in pairs])


CLAIMS = (
    Claim(
        "14-ipo-stops",
        "On sure labels IPO stops at a gap of 1/(2β), which is 5 at β = 0.1.",
        "What it wants from uncertain labels",
        "ipo_gap at p = 1",
        lambda: ipo_gap(1.0, 0.1),
        near(5.0),
    ),
    Claim(
        "14-betas-differ",
        "Where labels are nearly even, DPO's gap is 4 times IPO's at the same β.",
        "What it wants from uncertain labels",
        "both gaps at p = 0.5001",
        lambda: dpo_gap(0.5001, 0.1) / ipo_gap(0.5001, 0.1),
        near(4.0, within=1e-6),
    ),
    Claim(
        "14-flips-undone",
        "On labels flipped at a known rate, rDPO's mean is the clean DPO loss.",
        "Which one undoes the flips?",
        "one label in ten exchanged, margin 0.7",
        flips_undone,
        near(0.0),
    ),
    Claim(
        "14-simpo-forgets",
        "SimPO's best policy does not depend on the reference: A gets 0.7748 from 0.9, "
        "as from 0.5.",
        "A difference does not name the piece that made it",
        "the optimum on one pair at p = 0.75, by search",
        lambda: simpos_best(0.9),
        near(0.7748, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "14-length-is-a-unit",
        "On answers of three tokens the best gap of length-normalized DPO is 3 times "
        "DPO's at the same β.",
        "Averages that keep the reference",
        "the optimum on one pair at p = 0.7, by search",
        gap_of_three_tokens,
        near(3.0, within=1e-6),
        FLOAT64,
    ),
    Claim(
        "14-kto-gives-up",
        "KTO pulls at an answer that is wrong by 50 nats with 0.000665, where the "
        "middle gets 0.025.",
        "KTO lets go of what is most wrong",
        "slope of the loss of a thumb up at β = 0.1",
        lambda: kto_pull(-50.0),
        near(0.000665, within=5e-7),
        FLOAT64,
    ),
    Claim(
        "14-no-kl",
        "KTO's reference point is no KL: at the optimum its estimate is below zero, in "
        "this world.",
        "The reference point is not the KL",
        "answers of the reference, paired with other prompts, exact",
        mismatched_at_the_optimum,
        below(0.0),
        FLOAT64,
    ),
    Claim(
        "14-estimate-above",
        "In another world that estimate is positive: its sign is not forced.",
        "The reference point is not the KL",
        "two prompts whose good answer is the other's usual one, exact",
        lambda: mismatched(np.log([[0.8, 0.2], [0.2, 0.8]]), [[0.0, 2.0], [2.0, 0.0]]),
        above(0.0),
        FLOAT64,
    ),
    Claim(
        "14-dpop-stays",
        "On a pair that is the whole world, preferred at 0.6, DPOP stays at the "
        "reference.",
        "Hinge and DPOP (deeper)",
        "the optimum at λ = 1, by search",
        lambda: sigmoid(searched_logit(partial(PAIR_LOSSES["DPOP"], beta=1.0), 0.6)),
        near(0.5, within=1e-6),
        FLOAT64,
    ),
    Claim(
        "14-no-distribution",
        "The products of pairs over all rankings of three sum to 0.8726 and not to 1.",
        "Plackett-Luce DPO (deeper)",
        "scores 1, 0 and −1",
        pair_products,
        near(0.8726, within=5e-5),
        FLOAT64,
    ),
    Claim(
        "14-simpo-below",
        "Where its 20 tuning runs end, SimPO is more than 0.2 of the share below DPO "
        "on clean pairs.",
        "Seed by seed against DPO",
        "share of SimPO minus share of DPO, ten seeds",
        lambda: over_dpo("clean", "SimPO", "share"),
        below(-0.2),
        SAMPLED,
    ),
    Claim(
        "14-orpo-below",
        "Tuned for it, ORPO lacks more reward at equal KL than DPO does.",
        "Seed by seed against DPO",
        "reward missing at half a nat, ORPO minus DPO, ten seeds",
        lambda: over_dpo("equal KL", "ORPO", "missing"),
        above(0.1),
        SAMPLED,
    ),
    Claim(
        "14-rdpo-told",
        "rDPO, told of flips that are not there, lacks more reward at equal KL than "
        "DPO does.",
        "Seed by seed against DPO",
        "reward missing at half a nat, rDPO minus DPO, ten seeds",
        lambda: over_dpo("equal KL", "rDPO", "missing"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "14-flips-smoothed",
        "With one verdict in five flipped, cDPO ends a little above DPO, both tuned.",
        "Other annotators, other winners?",
        "share of cDPO minus share of DPO on flipped pairs, ten seeds",
        lambda: over_dpo("flips", "cDPO", "share"),
        above(0.0),
        SAMPLED,
    ),
    Claim(
        "14-thumbs-paired",
        "On single thumbs KTO ends below DPO on pairs made again of them.",
        "Other annotators, other winners?",
        "share of KTO minus share of DPO, thumbs, ten seeds",
        lambda: over_dpo("thumbs", "KTO", "share"),
        below(-0.1),
        SAMPLED,
    ),
)
