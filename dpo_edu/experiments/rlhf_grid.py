"""Which runs chapter 12 compares: one function a part, each for one seed.

DPO and the reward model go over their pairs ten times, about where held-out loss is
lowest, but see no more than 100,000 pairs. RL on the reward model comes on top, with
``extra`` passes; DPO, given as much, goes on over its pairs.
"""

import numpy as np

from ..boltzmann import optimal_logp
from ..passes import PAIR
from ..preference_world import WORDS, Pairs
from .best_answers import best_answers
from .rlhf_runs import bench, climb, dpo, judge, learned_reward, reward_errors, track
from .training_runs import verdicts

PAIRS, COUNTS = 5_000, (500, 2_000, 20_000)
CLIMBS = (150_000, 300_000, 900_000)  # passes of RL on the reward model of PAIRS
CLIMB = CLIMBS[1]  # passes of RL everywhere else
TRUTH = 1_200_000  # passes of RL on the true reward
BETAS = (0.5, 2.0)  # beside 1
WAYS = ("PPO", "REINFORCE")
UNSEEN = ("fine", "bad", "awful")  # words that no response of a pair of praise contains
PRAISE, SMALL_BETA, SMALL_PEAK = 1_500, 0.1, 3e-3


def part(name: str, seed: int) -> dict[str, list[dict]]:
    """Run one part for one seed: lists of results by name."""
    return PARTS[name](seed)


def ten_epochs(count: int) -> int:
    """Passes of ten epochs over the pairs, or of 100,000 pairs if that is less."""
    return PAIR * min(10 * count, 100_000)


def drawn(count: int, seed: int) -> Pairs:
    """Pairs of the reference with one verdict each."""
    here = bench()
    return verdicts(here.data, here.reference, count, seed)


def equal_pairs(seed: int) -> dict[str, list[dict]]:
    """5,000 pairs: DPO, RL on their reward model, its optimum; more compute, betas."""
    pairs = drawn(PAIRS, seed)
    learned = learned_reward(pairs, ten_epochs(PAIRS), seed)
    runs = [dpo_run(pairs, extra, seed) for extra in (0, *CLIMBS)]
    runs += [climb_run(way, learned, pairs, c, seed) for way in WAYS for c in CLIMBS]
    for beta in BETAS:
        runs.append(dpo_run(pairs, 0, seed, beta))
        runs += [climb_run(way, learned, pairs, CLIMB, seed, beta) for way in WAYS]
    runs += [exact_run(learned, pairs, seed, beta) for beta in (1.0, *BETAS)]
    by = {"judge": "reward model", "seed": seed}
    answers = [by | row for row in best_answers(learned)]
    errors = {"pairs": PAIRS, "seed": seed} | reward_errors(learned)
    return {"runs": runs, "errors": [errors], "best": answers}


def other_counts(seed: int) -> dict[str, list[dict]]:
    """The same with fewer and with more pairs, at beta 1."""
    runs, errors = [], []
    for count in COUNTS:
        pairs = drawn(count, seed)
        learned = learned_reward(pairs, ten_epochs(count), seed)
        errors.append({"pairs": count, "seed": seed} | reward_errors(learned))
        runs += [dpo_run(pairs, 0, seed), exact_run(learned, pairs, seed)]
        runs += [climb_run(way, learned, pairs, CLIMB, seed) for way in WAYS]
    return {"runs": runs, "errors": errors}


def true_reward(seed: int) -> dict[str, list[dict]]:
    """RL with the truth for a reward model: what the loop by itself can do."""
    results = []
    for way in WAYS:
        reward = bench().data.world.reward
        logp, rows = climb(way, reward, TRUTH, seed, every=25)
        run = {"method": way, "seed": seed, "rows": rows, "last": judge(logp)}
        results.append(run)
    return {"truth": results}


def wrong_reward(seed: int) -> dict[str, list[dict]]:
    """A reward model of pairs of praise only, climbed at a beta that trusts it."""
    learned = learned_reward(praise(PRAISE, seed), ten_epochs(PRAISE), seed)
    settings = {"beta": SMALL_BETA, "every": 3, "peak": SMALL_PEAK}
    runs = {way: climb(way, learned, CLIMBS[0], seed, **settings)[1] for way in WAYS}
    ref_logp, rows = bench().reference.logp, []
    for step, beta in enumerate(np.geomspace(10, 0.05, 40)):
        best = optimal_logp(ref_logp, learned, beta)
        rows.append({"step": step, "beta": beta} | track(best, learned, beta))
    known = {"seed": seed, "errors": reward_errors(learned), "exact": rows}
    return {"wrong": [known | runs]}


def praise(count: int, seed: int) -> Pairs:
    """The first pairs whose responses say nothing fine, bad or awful."""
    many, words = drawn(5 * count, seed), {WORDS.index(word) for word in UNSEEN}
    fits = np.array([words.isdisjoint(y) for y in bench().data.world.responses])
    kept = np.flatnonzero(fits[many.chosen] & fits[many.rejected])[:count]
    return Pairs(*(field[kept] for field in many))


def dpo_run(pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """One run of DPO, judged: ten epochs and ``extra`` passes."""
    logp = dpo(pairs, ten_epochs(len(pairs.prompt)) + extra, seed, beta)
    return _named("DPO", pairs, extra, seed, beta) | judge(logp, beta)


def climb_run(way: str, learned, pairs: Pairs, extra: int, seed: int, beta=1.0) -> dict:
    """One run of RL on a reward model of the pairs, judged: it has ``extra`` passes."""
    logp, _ = climb(way, learned, extra, seed, beta)
    return _named(way, pairs, extra, seed, beta) | judge(logp, beta, learned)


def exact_run(learned, pairs: Pairs, seed: int, beta=1.0) -> dict:
    """The optimum of a reward model: what perfect RL would reach."""
    logp = optimal_logp(bench().reference.logp, learned, beta)
    return _named("exact", pairs, 0, seed, beta) | judge(logp, beta, learned)


def _named(method: str, pairs: Pairs, extra: int, seed: int, beta: float) -> dict:
    """What identifies a run, and what it cost."""
    count = len(pairs.prompt)
    name = {"method": method, "pairs": count, "extra": extra, "beta": beta}
    return name | {"seed": seed, "passes": ten_epochs(count) + extra}


PARTS = {
    "equal pairs": equal_pairs,
    "other counts": other_counts,
    "true reward": true_reward,
    "wrong reward": wrong_reward,
}
