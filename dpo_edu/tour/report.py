"""What ``dpo-edu tour`` prints: tables in plain text, numbers computed by the chapters.

This module does not train, draw or write files.
"""

import numpy as np

from ..boltzmann import optimal_logp
from ..likelihood import (
    fisher_information,
    fit_rewards,
    fit_with_home_advantage,
    load_baseball,
    standard_errors,
)
from ..preference_world import PROMPTS, World, sample_responses
from ..training.evaluation import evaluate

PUBLISHED = (1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0.0)  # Agresti 2002, table 10.11
MEASURES = {  # of a policy: what it is called, and how many digits training settles
    "reward": ("E[r]", 2),
    "kl_from_reference": ("KL(π‖π_ref)  nats", 2),
    "objective": ("J = E[r] − β KL", 3),
    "share": ("share of the attainable J", 3),
    "kl_to_optimum": ("KL(π‖π*)  nats", 3),
    "win_rate": ("win rate against π_ref", 3),
}


def baseball() -> str:
    """Both fits of the 1987 season, over Baltimore, beside the published figures."""
    season = load_baseball()
    base = season.teams.index("Baltimore")
    plain = fit_rewards(season.wins)
    errors = standard_errors(
        fisher_information(plain, season.wins + season.wins.T), base
    )
    home = fit_with_home_advantage(season.home_wins, season.away_wins)
    home_errors = standard_errors(home.information, base)
    lines = [
        f"{'team':<12}{'reward':>8}{'s.e.':>7}{'published':>11}{'with home adv.':>17}"
    ]
    for team, published in zip(np.argsort(-plain), PUBLISHED, strict=True):
        over = plain[team] - plain[base]
        shifted = home.rewards[team] - home.rewards[base]
        lines.append(
            f"{season.teams[team]:<12}{over:>8.2f}{errors[team]:>7.2f}{published:>11.2f}"
            f"{shifted:>17.2f}"
        )
    advantage = f"{home.home_advantage:.3f} ± {home_errors[-1]:.3f}"
    lines.append(f"home advantage {advantage} (published: 0.302 ± 0.131)")
    return "\n".join(lines)


def world_table(world: World, ref_logp, beta, prompts=("very good", "bad")) -> str:
    """Two prompts with their three best and worst responses: reward, pi_ref, pi*."""
    optimal = optimal_logp(ref_logp, world.reward, beta)
    lines = [f"{'prompt':<12}{'response':<22}{'reward':>7}{'π_ref':>9}{'π*':>9}"]
    for prompt in prompts:
        row = PROMPTS.index(prompt)
        likely = np.lexsort((-ref_logp[row], -world.reward[row]))  # best reward first
        unlikely = np.lexsort((-ref_logp[row], world.reward[row]))  # worst first
        for response in [*likely[:3], *unlikely[2::-1]]:
            values = world.reward, np.exp(ref_logp), np.exp(optimal)
            true, before, best = (table[row, response] for table in values)
            text = f"{prompt:<12}{world.text(response):<22}"
            lines.append(f"{text}{true:>7.1f}{before:>9.4f}{best:>9.4f}")
    return "\n".join(lines)


def verdict_table(world: World, ref_logp, logp, beta) -> str:
    """Reference, learned and optimal policy, all exact.

    What was learned is printed to the digits that hold on other processors: training
    passes a last bit on to the third digit of the reward, but J is flat at its optimum.
    """
    optimal = optimal_logp(ref_logp, world.reward, beta)
    columns = [
        evaluate(each, ref_logp, world.reward, beta)
        for each in (ref_logp, logp, optimal)
    ]
    lines = [f"{'':<28}{'reference':>11}{'learned':>11}{'optimal':>11}"]
    for field, (name, digits) in MEASURES.items():
        values = (getattr(column, field) for column in columns)
        printed = map(_aligned, values, (4, digits, 4))
        lines.append(f"{name:<28}{''.join(printed)}".rstrip())
    return "\n".join(lines)


def _aligned(value: float, digits: int) -> str:
    """``digits`` after a point that stands where it stands with four of them."""
    # + 0.0 turns the -0.0 of a rounding error into 0.0
    return f"{round(value, digits) + 0.0:{7 + digits}.{digits}f}".ljust(11)


def samples(
    world: World, ref_logp, logp, seed: int, prompts=("very good", "bad")
) -> str:
    """What the two policies say, in words, to the same prompts."""
    lines = []
    for prompt in prompts:
        rows = np.full(4, PROMPTS.index(prompt))
        for name, each in (("before", ref_logp), ("after", logp)):
            drawn = sample_responses(each, rows, np.random.default_rng([seed, 3]))
            said = ", ".join(f"“{world.text(response)}”" for response in drawn)
            lines.append(f"{prompt:<10} {name:<7} {said}")
    return "\n".join(lines)


def price_line(pairs: int, epochs: int, verdict) -> str:
    """One hard-label run: how much data, how much of the attainable J.

    The second digit would be the processor's, whose last bits change a pair or two.
    """
    reading = "worse than not training" if verdict.share < 0 else "better than before"
    return (
        f"{pairs:>7,} pairs x {epochs:>2} epochs: share {verdict.share:>5.1f}, "
        f"KL(π‖π*) {verdict.kl_to_optimum:.1f} nats   {reading}"
    )
