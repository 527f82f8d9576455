"""Worked examples of the course, each computed by two roads and held against print.

Road one is the package's own function, the one that trains. Road two is ``by_hand``,
50-digit decimals that share no code with it. ``printed`` keeps the digits of its
source: "0.6762" is confirmed when the exact value, rounded to four decimals, is that.
Figures that come out of training are not here; they are asserted where they are run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np

from ..boltzmann import log_partition, objective, optimal_logp, regret
from ..boltzmann.best_of_n import best_of_n_kl_bound, best_of_n_logp
from ..bradley_terry import (
    compose_preferences,
    pair_product_nll,
    plackett_luce_nll,
    preference_matrix,
    preference_probability,
    thurstone_probability,
)
from ..cancellation import log10_responses
from ..divergence import kl_divergence, kl_estimates, kl_from_logs
from ..dpo_gradient import (
    descent_step,
    dpo_gradient,
    gradient_flow,
    gradient_weight,
    log_linear_logp,
    optimal_gap,
    score,
)
from ..dpo_loss import dpo_loss, log_ratio_gap, population_loss
from ..likelihood import bayes_accuracy, bayes_loss, fit_rewards
from . import by_hand

CONFIRMED, WRONG, DISAGREE = "confirmed", "wrong", "roads disagree"
WRITE_UP, COURSE = "in circulation", "this course"


@dataclass(frozen=True)
class WorkedExample:
    """One number as somebody prints it, and two ways to compute what it should be."""

    name: str
    chapter: int
    words: str  # what the number is
    inputs: dict[str, Any]  # arguments of both roads: numbers or tuples of numbers
    printed: str  # the source's own digits
    source: str
    by_package: Callable[..., Any]  # road one, called with the inputs
    by_hand: Callable[..., Any]  # road two, called with the inputs as decimals


class Row(NamedTuple):
    """What ``verify`` found out about one example."""

    example: WorkedExample
    package: Decimal  # road one
    exact: Decimal  # road two
    rounded: str  # the exact value, to as many digits as were printed
    verdict: str  # CONFIRMED, WRONG or DISAGREE


def verify() -> list[Row]:
    """Compute every example by both roads, in the order of the chapters."""
    with localcontext() as context:
        context.prec = 50
        return [_row(example) for example in WORKED_EXAMPLES]


def _row(example):
    value = example.by_package(**example.inputs)
    package = value if isinstance(value, Decimal) else Decimal(float(value))
    exact = example.by_hand(**{k: _decimal(v) for k, v in example.inputs.items()})
    rounded = exact.quantize(Decimal(example.printed))
    verdict = CONFIRMED if rounded == Decimal(example.printed) else WRONG
    if abs(package - exact) > Decimal("1e-9") * abs(exact):
        verdict = DISAGREE
    return Row(example, package, exact, str(rounded), verdict)


def _decimal(value):
    """0.1 as the decimal 0.1, not as the nearest binary fraction; tuples too."""
    if isinstance(value, tuple):
        return tuple(_decimal(part) for part in value)
    return Decimal(str(value))


def _pair_probabilities(rewards):
    return preference_matrix(rewards)[np.triu_indices(len(rewards), 1)]


def _policy(ref, reward, beta):
    return np.exp(optimal_logp(np.log(ref), reward, beta))


def _gap(pi_chosen, pi_rejected, ref_chosen, ref_rejected):
    return log_ratio_gap(*np.log([pi_chosen, pi_rejected, ref_chosen, ref_rejected]))


def _loss(beta, pi_chosen, pi_rejected, ref_chosen, ref_rejected):
    four = np.log([pi_chosen, pi_rejected, ref_chosen, ref_rejected])
    return dpo_loss(*four, beta)


def _log_ratio_after_step(response, features, ref, beta, learning_rate):
    features = np.array(features)[:, None]  # (responses, 1)
    theta = descent_step([0.0], features, (0, 1), beta, learning_rate)
    after = log_linear_logp(theta, features, np.log(ref))
    return after[response] - np.log(ref[response])


EXAMPLE_1, EXAMPLE_3 = f"{WRITE_UP}, Example 1", f"{WRITE_UP}, Example 3"
PROBLEM_2, PROBLEM_3 = f"{WRITE_UP}, Problem 2", f"{WRITE_UP}, Problem 3"
PROBLEM_4 = f"{WRITE_UP}, Problem 4"

# A record reads: name, chapter, what it is / inputs, as printed, where / the two roads.
# fmt: off
RANKED = {"rewards": (1, 0, -1)}
TWO_LAWS = {"p": (0.7, 0.2, 0.1), "q": (0.4, 0.4, 0.2)}
FOUR = {"ref": (0.5, 0.25, 0.125, 0.125), "reward": (0, 1, 2, -1), "beta": 0.5}
THREE = {"ref": (0.5, 0.3, 0.2), "reward": (1, 0, 2), "beta": 1}
PAIR = {"logp_chosen": -4.5, "logp_rejected": -4.5,
        "ref_logp_chosen": -5, "ref_logp_rejected": -4, "beta": 0.1}
CASE_1 = {"pi_chosen": 0.25, "pi_rejected": 0.35,
          "ref_chosen": 0.2, "ref_rejected": 0.3}
CASE_2 = {"pi_chosen": 0.35, "pi_rejected": 0.05,
          "ref_chosen": 0.2, "ref_rejected": 0.3}
SHARED = {"features": (1, 0, 3), "ref": (0.4, 0.1, 0.5),
          "beta": 0.1, "learning_rate": 10}

WORKED_EXAMPLES = (
    WorkedExample("one nat ahead", 1, "P(i beats j) when i is worth one nat more",
        {"reward_i": 1, "reward_j": 0}, "0.7311", COURSE,
        preference_probability, lambda reward_i, reward_j: by_hand.sigmoid(reward_i)),
    WorkedExample("odds multiply", 1, "P(a beats c) from 0.7 and 0.6: 7/9",
        {"p_ab": 0.7, "p_bc": 0.6}, "0.7778", COURSE,
        compose_preferences, by_hand.compose_preferences),
    WorkedExample("Gumbel noise", 1, "P(i beats j) at a gap of half a nat",
        {"x": 0.5}, "0.6225", COURSE,
        lambda x: preference_probability(x, 0), by_hand.sigmoid),
    WorkedExample("normal noise", 1, "Thurstone's answer at the same gap",
        {"gap": 0.5}, "0.6382", COURSE,
        lambda gap: thurstone_probability(gap, 0), by_hand.thurstone_probability),
    WorkedExample("a ranking", 1, "Plackett-Luce NLL of three items in reward order",
        RANKED, "0.7209", COURSE,
        plackett_luce_nll, by_hand.plackett_luce_nll),
    WorkedExample("not its likelihood", 1, "the sum over that ranking's three pairs",
        RANKED, "0.7535", COURSE,
        pair_product_nll, by_hand.pair_product_nll),
    WorkedExample("seven to three", 2, "fitted reward gap after 7 wins and 3 losses",
        {"wins": 7, "losses": 3}, "0.8473", COURSE,
        lambda wins, losses: np.ptp(fit_rewards(np.array([[0, wins], [losses, 0]]))),
        lambda wins, losses: (wins / losses).ln()),
    WorkedExample("the floor", 2, "mean entropy of the labels: no loss is lower",
        RANKED, "0.5099", COURSE,
        lambda rewards: bayes_loss(_pair_probabilities(rewards)), by_hand.mean_entropy),
    WorkedExample("the ceiling", 2, "accuracy of the true rewards: none is higher",
        RANKED, "0.7810", COURSE,
        lambda rewards: bayes_accuracy(_pair_probabilities(rewards)),
        by_hand.bayes_accuracy),
    WorkedExample("KL one way", 3, "KL(p || q)",
        TWO_LAWS, "0.1838", COURSE,
        kl_divergence, by_hand.kl),
    WorkedExample("KL the other way", 3, "KL(q || p)",
        TWO_LAWS, "0.1920", COURSE,
        lambda p, q: kl_divergence(q, p), lambda p, q: by_hand.kl(q, p)),
    WorkedExample("a biased estimator", 3, "mean of k2 = log(p/q)^2 / 2 under p",
        TWO_LAWS, "0.1817", COURSE,
        lambda p, q: np.dot(p, kl_estimates(np.log(p), np.log(q))[1]), by_hand.mean_k2),
    WorkedExample("log Z", 4, "log partition function of the four-response world",
        FOUR, "2.2180", COURSE,
        lambda ref, reward, beta: log_partition(np.log(ref), reward, beta),
        lambda ref, reward, beta: by_hand.partition(ref, reward, beta).ln()),
    WorkedExample("the best response", 4, "probability under pi* of what had 1/8",
        FOUR, "0.7427", COURSE,
        lambda **world: _policy(**world)[2],
        lambda **world: by_hand.optimal_policy(**world)[2]),
    WorkedExample("the best value", 4, "J(pi*) = beta log Z",
        FOUR, "1.1090", COURSE,
        lambda ref, reward, beta: objective(
            np.log(_policy(ref, reward, beta)), np.log(ref), reward, beta),
        lambda ref, reward, beta: beta * by_hand.partition(ref, reward, beta).ln()),
    WorkedExample("distance traveled", 4, "KL(pi* || pi_ref)",
        FOUR, "1.1512", COURSE,
        lambda ref, **rest: kl_divergence(_policy(ref, **rest), ref),
        lambda ref, **rest: by_hand.kl(by_hand.optimal_policy(ref, **rest), ref)),
    WorkedExample("regret", 4, "J(pi*) - J(pi_ref)",
        FOUR, "0.7340", COURSE,
        lambda ref, reward, beta: regret(np.log(ref), np.log(ref), reward, beta),
        lambda ref, reward, beta: (
            beta * by_hand.partition(ref, reward, beta).ln()
            - by_hand.mean(ref, reward))),
    WorkedExample("the small world", 4, "pi* of its first response",
        THREE, "0.4333", COURSE,
        lambda **world: _policy(**world)[0],
        lambda **world: by_hand.optimal_policy(**world)[0]),
    WorkedExample("best of 4, the bound", 4, "log N - (N - 1) / N",
        {"n": 4}, "0.6363", COURSE,
        best_of_n_kl_bound, lambda n: n.ln() - (n - 1) / n),
    WorkedExample("best of 4, the KL", 4, "the KL itself where draws can tie",
        {"ref": FOUR["ref"], "reward": FOUR["reward"], "n": 4}, "0.5516", COURSE,
        lambda ref, reward, n: kl_from_logs(
            best_of_n_logp(np.log(ref), reward, n), np.log(ref)),
        lambda ref, reward, n: by_hand.kl(by_hand.best_of_n(ref, reward, n), ref)),
    WorkedExample("how many responses", 5, "strings of 100 tokens from 32000",
        {"vocabulary_size": 32000, "length": 100}, "3.27e450", PROBLEM_4,
        lambda **size: Decimal(10) ** Decimal(log10_responses(**size)),
        lambda vocabulary_size, length: vocabulary_size**length),
    WorkedExample("across prompts", 5, "error of comparing implicit rewards of two",
        {"first": FOUR["ref"], "second": THREE["ref"], "beta": 0.5}, "-0.2422", COURSE,
        lambda first, second, beta: beta * (
            log_partition(np.log(first), FOUR["reward"], beta)
            - log_partition(np.log(second), THREE["reward"], beta)),
        lambda first, second, beta: beta * (
            by_hand.partition(first, FOUR["reward"], beta)
            / by_hand.partition(second, THREE["reward"], beta)).ln()),
    WorkedExample("loss of one pair", 6, "DPO loss at beta 0.1",
        PAIR, "0.6444", EXAMPLE_1,
        dpo_loss, by_hand.dpo_loss),
    WorkedExample("its confidence", 6, "P(chosen wins) to the implicit reward",
        PAIR, "0.5250", EXAMPLE_1,
        lambda **pair: (-dpo_loss(**pair)).exp(),
        lambda **pair: (-by_hand.dpo_loss(**pair)).exp()),
    WorkedExample("the first loss", 6, "policy = reference: log 2, for any data",
        {"beta": 0.1}, "0.6931", WRITE_UP,
        lambda beta: dpo_loss(-4.5, -7, -4.5, -7, beta), lambda beta: Decimal(2).ln()),
    WorkedExample("gap, case 1", 6, "difference of the two log-ratios",
        CASE_1, "0.0689", PROBLEM_2,
        _gap, by_hand.log_ratio_gap),
    WorkedExample("loss, case 1", 6, "DPO loss at beta 0.5",
        {**CASE_1, "beta": 0.5}, "0.6762", PROBLEM_2,
        _loss, by_hand.loss_of_probabilities),
    WorkedExample("margin, case 2", 6, "beta times the gap",
        {**CASE_2, "beta": 0.5}, "1.1757", PROBLEM_2,
        lambda beta, **case: beta * _gap(**case),
        lambda beta, **case: beta * by_hand.log_ratio_gap(**case)),
    WorkedExample("sigmoid, case 2", 6, "P(chosen wins) to the implicit reward",
        {**CASE_2, "beta": 0.5}, "0.7643", PROBLEM_2,
        lambda **case: (-_loss(**case)).exp(),
        lambda **case: (-by_hand.loss_of_probabilities(**case)).exp()),
    WorkedExample("loss, case 2", 6, "DPO loss at beta 0.5",
        {**CASE_2, "beta": 0.5}, "0.2686", PROBLEM_2,
        _loss, by_hand.loss_of_probabilities),
    WorkedExample("zero loss", 6, "though the chosen probability fell to 0.0001",
        {"pi_chosen": 1e-4, "pi_rejected": 1e-104, "ref_chosen": 0.2,
         "ref_rejected": 0.3, "beta": 0.1}, "9.60e-11", COURSE,
        _loss, by_hand.loss_of_probabilities),
    WorkedExample("the flip", 6, "loss at which chosen overtakes, 5 nats behind in ref",
        {"behind": 5, "beta": 0.1}, "0.4741", COURSE,
        lambda behind, beta: dpo_loss(0, 0, -behind, 0, beta),
        lambda behind, beta: by_hand.loss(beta * behind)),
    WorkedExample("population loss", 6, "of the uniform policy in the small world",
        THREE, "0.6618", COURSE,
        lambda ref, reward, beta: population_loss(
            np.log([1 / 3] * 3), np.log(ref), preference_matrix(reward), beta),
        by_hand.population_loss_of_uniform),
    WorkedExample("the weight", 7, "probability of the reversed label",
        {"log_ratio_gap": 1, "beta": 0.1}, "0.4750", EXAMPLE_3,
        gradient_weight,
        lambda log_ratio_gap, beta: by_hand.sigmoid(-beta * log_ratio_gap)),
    WorkedExample("the pull", 7, "beta times the weight",
        PAIR, "0.0475", EXAMPLE_3,
        lambda **pair: dpo_gradient(**pair)[1],
        lambda **pair: pair["beta"] * (1 - (-by_hand.dpo_loss(**pair)).exp())),
    WorkedExample("a growing beta", 7, "pull at gap -0.1, beta 1000: said to tend to 0",
        {"gap": -0.1, "beta": 1000}, "0", PROBLEM_3,
        lambda gap, beta: beta * gradient_weight(gap, beta),
        lambda gap, beta: beta * by_hand.sigmoid(-beta * gap)),
    WorkedExample("displaced", 7, "log-ratio of the chosen response after one step",
        {"response": 0, **SHARED}, "-0.5987", COURSE,
        _log_ratio_after_step, by_hand.log_ratio_after_one_step),
    WorkedExample("where it went", 7, "log-ratio of the response in no pair",
        {"response": 2, **SHARED}, "0.4013", COURSE,
        _log_ratio_after_step, by_hand.log_ratio_after_one_step),
    WorkedExample("the score stays", 7, "its norm at a response of one in a million",
        {"policy": (0.7, 0.299999, 0.000001)}, "1.2570", COURSE,
        lambda policy: score(np.log(policy), 2).norm(),
        lambda policy: ((1 - policy[2])**2 + policy[0]**2 + policy[1]**2).sqrt()),
    WorkedExample("soft labels", 7, "gap at which training on p = 0.9 stops",
        {"label": 0.9, "beta": 0.1}, "21.97", COURSE,
        optimal_gap, lambda label, beta: (label / (1 - label)).ln() / beta),
    WorkedExample("hard labels", 7, "gap at time 1000, beta = 0.5: still growing",
        {"beta": 0.5, "time": 1000}, "12.41", COURSE,
        gradient_flow, by_hand.gradient_flow),
    WorkedExample("gentle beta", 7, "KL(pi* || pi_ref) at beta = 10: near Var(r) / 200",
        {**FOUR, "beta": 10}, "0.00375", COURSE,
        lambda ref, **rest: kl_divergence(_policy(ref, **rest), ref),
        lambda ref, **rest: by_hand.kl(by_hand.optimal_policy(ref, **rest), ref)),
)
# fmt: on
