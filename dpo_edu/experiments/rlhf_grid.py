"""Which runs chapter 12 compares: one function a part, each for one seed.

DPO and the reward model go over their pairs ten times, but for 120 steps at least and
100,000 pairs at most. On a sixth draw of pairs (seed 5) that came within 0.03 nats of
either method's lowest held-out loss. RL on the reward model comes on top, with
300,000 ``extra`` passes; DPO and the reward model may have as many for more epochs.
"""

from ..boltzmann import optimal_logp
from ..passes import PAIR
from ..preference_world import Pairs
from .best_answers import best_answers
from .praise_runs import roads, wrong_reward
from .rlhf_runs import (
    BATCH,
    bench,
    climb,
    dpo,
    drawn,
    held_out_loss,
    judge,
    learned_reward,
    reward_errors,
)

PAIRS, COUNTS = 5_000, (1_000, 2_000, 20_000)
FEWEST_STEPS, MOST_PAIRS = 120, 100_000
CLIMB = 300_000  # passes of RL on the reward model
TRUTH = 450_000  # passes of RL on the true reward
BETAS = (0.5, 2.0)  # beside 1
WAYS = ("PPO", "REINFORCE")


def part(name: str, seed: int) -> dict[str, list[dict]]:
    """Run one part for one seed: lists of results by name."""
    return PARTS[name](seed)


def ten_epochs(count: int) -> int:
    """Passes of ten epochs over the pairs, within the limits."""
    return PAIR * max(BATCH * FEWEST_STEPS, min(10 * count, MOST_PAIRS))


def equal_pairs(seed: int) -> dict[str, list[dict]]:
    """5,000 pairs at beta 1: DPO, RL on their reward model, its optimum, best-of-N."""
    pairs, learned = _five_thousand(seed)
    runs = [dpo_run(pairs, 0, seed), exact_run(learned, pairs, 0, seed)]
    runs += [climb_run(way, learned, pairs, CLIMB, seed) for way in WAYS]
    by = {"judge": "reward model", "seed": seed}
    answers = [by | row for row in best_answers(learned)]
    errors = {"pairs": PAIRS, "seed": seed} | reward_errors(learned)
    return {"runs": runs, "errors": [errors], "best": answers}


def other_betas(seed: int) -> dict[str, list[dict]]:
    """5,000 pairs at a smaller and at a larger beta, without RL."""
    pairs, learned = _five_thousand(seed)
    runs = [dpo_run(pairs, 0, seed, beta) for beta in BETAS]
    return {"runs": runs + [exact_run(learned, pairs, 0, seed, b) for b in BETAS]}


def more_epochs(seed: int) -> dict[str, list[dict]]:
    """5,000 pairs, twice as often: DPO and the reward model, at beta 1."""
    pairs = drawn(PAIRS, seed)
    longer = learned_reward(pairs, ten_epochs(PAIRS) + CLIMB, seed)
    runs = [dpo_run(pairs, CLIMB, seed), exact_run(longer, pairs, CLIMB, seed)]
    return {"runs": runs}


def _five_thousand(seed: int):
    """The pairs that all methods share, and the reward model of ten epochs."""
    pairs = drawn(PAIRS, seed)
    return pairs, learned_reward(pairs, ten_epochs(PAIRS), seed)


def other_counts(seed: int) -> dict[str, list[dict]]:
    """DPO and the reward model's optimum with fewer and with more pairs, at beta 1."""
    runs, errors = [], []
    for count in COUNTS:
        pairs = drawn(count, seed)
        learned = learned_reward(pairs, ten_epochs(count), seed)
        errors.append({"pairs": count, "seed": seed} | reward_errors(learned))
        runs += [dpo_run(pairs, 0, seed), exact_run(learned, pairs, 0, seed)]
    return {"runs": runs, "errors": errors}


def true_reward(seed: int) -> dict[str, list[dict]]:
    """RL with the truth for a reward model: what the loop by itself can do."""
    results = []
    for way in WAYS:
        reward = bench().data.world.reward
        logp, rows = climb(way, reward, TRUTH, seed, every=10)
        run = {"method": way, "seed": seed, "rows": rows, "last": judge(logp)}
        results.append(run)
    return {"truth": results}


def dpo_run(pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """One run of DPO, judged: ten epochs and ``extra`` passes."""
    logp = dpo(pairs, ten_epochs(len(pairs.prompt)) + extra, seed, beta)
    implicit = beta * (logp - bench().reference.logp)
    named = _named("DPO", pairs, extra, seed, beta)
    return named | judge(logp, beta) | {"held_out_loss": held_out_loss(implicit)}


def climb_run(way: str, learned, pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """One run of RL on a reward model of the pairs, judged: it has ``extra`` passes."""
    logp, _ = climb(way, learned, extra, seed, beta)
    return _named(way, pairs, extra, seed, beta) | judge(logp, beta, learned)


def exact_run(learned, pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """The optimum of a reward model that had ten epochs and ``extra`` passes."""
    logp = optimal_logp(bench().reference.logp, learned, beta)
    named = _named("exact", pairs, extra, seed, beta)
    lost = {"held_out_loss": held_out_loss(learned)}
    return named | judge(logp, beta, learned) | lost


def _named(method: str, pairs: Pairs, extra: int, seed: int, beta: float) -> dict:
    """What identifies a run, and what it cost."""
    count = len(pairs.prompt)
    name = {"method": method, "pairs": count, "extra": extra, "beta": beta}
    return name | {"seed": seed, "passes": ten_epochs(count) + extra}


PARTS = {
    "equal pairs": equal_pairs,
    "other betas": other_betas,
    "more epochs": more_epochs,
    "other counts": other_counts,
    "true reward": true_reward,
    "wrong reward": wrong_reward,
    "roads": roads,
}
