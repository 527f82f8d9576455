"""Which runs chapter 12 compares: one function per part, each for one seed.

DPO and the reward model go over their pairs ten times, but for 120 steps at least and
100,000 pairs at most: chosen on a sixth draw of pairs, see ``lengths``. RL climbs the
reward model with the passes of ``CLIMB`` on top. This module does not know how a method
works.
"""

from itertools import product

from ...boltzmann import optimal_logp
from ...policy_gradient.cost import PAIR
from ...preference_world import Pairs
from ..shared_start import BATCH_SIZE, held_out_loss, shared_start
from .methods import (
    best_answers,
    dpo,
    drawn,
    judge,
    learned_reward,
    reward_errors,
    rl_settings,
    rlhf,
)

PAIRS, COUNTS = 5_000, (1_000, 2_000, 20_000)
FEWEST_STEPS, MOST_PAIRS = 120, 100_000
EXTRA = 300_000  # passes of ten more epochs over 5,000 pairs
CLIMB = {"REINFORCE": 400_000, "PPO": 337_000}  # passes of RL on the reward model
TRUTH = {"REINFORCE": 600_000, "PPO": 506_000}  # passes of RL on the true reward
BETAS = (0.5, 1.0, 2.0)  # of DPO and of the reward model's optimum
LENGTHS = (0.5, 1, 2)  # 1: as long as all other runs of so many pairs


def ten_epochs(count: int) -> int:
    """Passes of ten epochs over the pairs, within the limits."""
    return PAIR * max(BATCH_SIZE * FEWEST_STEPS, min(10 * count, MOST_PAIRS))


def equal_pairs(seed: int) -> dict[str, list[dict]]:
    """5,000 pairs: DPO and their reward model's optimum at every beta, RL at beta 1.

    Best-of-N, too, with the reward model for its judge.
    """
    pairs = drawn(PAIRS, seed)
    learned = learned_reward(pairs, ten_epochs(PAIRS), seed)
    runs = [dpo_run(pairs, 0, seed, beta) for beta in BETAS]
    runs += [exact_run(learned, pairs, 0, seed, beta) for beta in BETAS]
    runs += [rl_run(method, learned, pairs, seed) for method in CLIMB]
    by = {"judge": "reward model", "seed": seed}
    answers = [by | row for row in best_answers(learned)]
    errors = {"pairs": PAIRS, "seed": seed} | reward_errors(learned)
    return {"runs": runs, "errors": [errors], "best": answers}


def more_epochs(seed: int) -> dict[str, list[dict]]:
    """5,000 pairs, twice as often: DPO and the reward model, at beta 1."""
    pairs = drawn(PAIRS, seed)
    longer = learned_reward(pairs, ten_epochs(PAIRS) + EXTRA, seed)
    runs = [dpo_run(pairs, EXTRA, seed), exact_run(longer, pairs, EXTRA, seed)]
    return {"runs": runs}


def other_counts(seed: int) -> dict[str, list[dict]]:
    """DPO and the reward model's optimum with fewer and with more pairs, at beta 1."""
    runs, errors = [], []
    for count in COUNTS:
        pairs = drawn(count, seed)
        learned = learned_reward(pairs, ten_epochs(count), seed)
        errors.append({"pairs": count, "seed": seed} | reward_errors(learned))
        runs += [dpo_run(pairs, 0, seed), exact_run(learned, pairs, 0, seed)]
    return {"runs": runs, "errors": errors}


def lengths(seed: int) -> dict[str, list[dict]]:
    """Held-out losses after half as long, as long and twice as long as all other runs.

    As long as they are came within 0.03 nats of the best of the three.
    """
    rows = []
    for count, length in product((min(COUNTS), PAIRS), LENGTHS):
        pairs, passes = drawn(count, seed), int(length * ten_epochs(count))
        implicit = dpo(pairs, passes, seed) - shared_start().reference.logp
        rewards = {"DPO": implicit, "RM": learned_reward(pairs, passes, seed)}
        losses = {name: held_out_loss(reward) for name, reward in rewards.items()}
        rows.append({"pairs": count, "length": length, "seed": seed} | losses)
    return {"lengths": rows}


def true_reward(seed: int) -> dict[str, list[dict]]:
    """RL with the truth for a reward model: what the loop by itself can do."""
    results = []
    for method in ("PPO", "REINFORCE"):
        reward = shared_start().data.world.reward
        settings = rl_settings(method, TRUTH[method], seed)
        logp, rows = rlhf(method, reward, settings, every=10)
        run = {"method": method, "seed": seed, "rows": rows, "last": judge(logp)}
        results.append(run)
    return {"truth": results}


def best_with_truth() -> list[dict]:
    """Best-of-N with the truth for its judge: no seed decides anything."""
    rows = best_answers(shared_start().data.world.reward)
    return [{"judge": "truth", "seed": None} | row for row in rows]


def dpo_run(pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """One run of DPO, judged: ten epochs and ``extra`` passes."""
    logp = dpo(pairs, ten_epochs(len(pairs.prompt)) + extra, seed, beta)
    implicit = beta * (logp - shared_start().reference.logp)
    named = _named("DPO", pairs, extra, seed, beta)
    lost = {"held_out_loss": held_out_loss(implicit)} | reward_errors(implicit)
    return named | judge(logp, beta) | lost


def rl_run(method: str, learned, pairs: Pairs, seed: int) -> dict:
    """One run of RL at beta 1 on a reward model of the pairs, judged."""
    logp, _ = rlhf(method, learned, rl_settings(method, CLIMB[method], seed))
    named = _named(method, pairs, CLIMB[method], seed, 1.0)
    return named | judge(logp, learned=learned)


def exact_run(learned, pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """The optimum of a reward model that had ten epochs and ``extra`` passes."""
    logp = optimal_logp(shared_start().reference.logp, learned, beta)
    named = _named("exact", pairs, extra, seed, beta)
    lost = {"held_out_loss": held_out_loss(learned)}
    return named | judge(logp, beta, learned) | lost


def _named(method: str, pairs: Pairs, extra: int, seed: int, beta: float) -> dict:
    """What identifies a run, and what it cost."""
    count = len(pairs.prompt)
    name = {"method": method, "pairs": count, "extra": extra, "beta": beta}
    return name | {"seed": seed, "passes": ten_epochs(count) + extra}
