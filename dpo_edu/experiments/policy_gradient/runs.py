"""From pairs to a policy, at a price; judged by an observer who knows everything.

Each run gets its pairs and as many passes (``dpo_edu.passes``) as it is told. A seed
decides the pairs, their verdicts, their order and what a policy happens to say; the
reference is the same in all runs. This module does not know which runs are compared.
"""

from functools import partial

import numpy as np

from ...boltzmann import expected_reward, optimal_logp
from ...divergence import kl_from_logs
from ...policy_gradient.cost import PAIR, REFERENCE, REINFORCE, ppo
from ...policy_gradient.frontier_distance import nats_off_frontier
from ...policy_gradient.ppo import train_ppo
from ...policy_gradient.reinforce import RLSettings, train_reinforce
from ...policy_gradient.reward_model import fit_reward_model, reward_error, reward_table
from ...policy_gradient.rollout import make_task
from ...preference_world import Pairs
from ...training import Schedule, train_pairs
from ...training.evaluation import evaluate
from ...training.world_batches import epoch_batch
from ...training.world_run import policy_logp
from ..bench import set_up as bench
from ..bench import verdicts

BATCH = 128  # pairs a step; also responses a step, 16 to each of 8 prompts
REUSE = 4  # PPO's gradient steps on one batch
PAIR_LEARNING_RATE, RL_LEARNING_RATE = (
    5e-3,
    7e-3,
)  # on pairs, on responses
TRAINERS = {"PPO": train_ppo, "REINFORCE": train_reinforce}
PRICE = {"PPO": ppo(REUSE) / REUSE, "REINFORCE": REINFORCE}  # a response and step


def drawn(count: int, seed: int) -> Pairs:
    """Pairs of the reference with one verdict each."""
    here = bench()
    return verdicts(here.data, here.reference, count, seed)


def pair_steps(budget: int) -> int:
    """Steps of DPO or of a reward model for this many passes."""
    return budget // (PAIR * BATCH)


def dpo(pairs: Pairs, budget: int, seed: int, beta=1.0, after_step=None) -> np.ndarray:
    """DPO, the reference's passes included: log-probabilities (P, R)."""
    steps = pair_steps(budget - REFERENCE * len(pairs.prompt))
    schedule, start = Schedule(steps, PAIR_LEARNING_RATE), bench().reference.model
    batch_at = _batches(pairs, seed)
    policy = train_pairs(start, batch_at, schedule, beta, after_step=after_step)
    return policy_logp(policy, bench().data.world)


def learned_reward(pairs: Pairs, budget: int, seed: int) -> np.ndarray:
    """A reward model fitted to the pairs, as a table of all responses (P, R)."""
    schedule = Schedule(pair_steps(budget), PAIR_LEARNING_RATE)
    start = bench().reference.model
    scorer = fit_reward_model(start, _batches(pairs, seed), schedule)
    return reward_table(scorer, bench().data)


def climb(method: str, reward, budget: int, seed: int, beta=1.0, every=0, rate=None):
    """RLHF on a reward table (P, R): the last policy, and a row every few batches."""
    here, rows = bench(), []
    reuse = REUSE if method == "PPO" else 1
    schedule = Schedule(int(budget / (PRICE[method] * BATCH)), rate or RL_LEARNING_RATE)
    settings = RLSettings(schedule, beta, reuse=reuse, seed=seed)

    def after_step(report):
        done = report.step + 1
        if every and done % (reuse * every) == 0:
            logp = policy_logp(report.model, here.data.world)
            row = {"step": done, "responses": done // reuse * BATCH}
            rows.append(row | track(logp, reward, beta))

    task = make_task(here.data, here.reference.model, reward)
    policy = TRAINERS[method](here.reference.model, task, settings, after_step)
    return policy_logp(policy, here.data.world), rows


def judge(logp, beta=1.0, learned=None) -> dict[str, float]:
    """What is true of a policy; ``learned`` is the reward table it was trained on."""
    ref_logp, reward = bench().reference.logp, bench().data.world.reward
    verdict = evaluate(logp, ref_logp, reward, beta)._asdict()
    verdict["nats_off_frontier"] = nats_off_frontier(logp, ref_logp, reward)
    if learned is not None:
        own = optimal_logp(ref_logp, learned, beta)
        verdict["kl_to_own_optimum"] = kl_from_logs(logp, own).mean()
    return verdict


def track(logp, proxy, beta=1.0) -> dict[str, float]:
    """A policy on its way: the true reward, the one it climbs, and the KL it spends.

    The proxy is counted from what the reference earns: its zero means nothing.
    """
    ref_logp, gold = bench().reference.logp, bench().data.world.reward
    gain = expected_reward(logp, proxy) - expected_reward(ref_logp, proxy)
    verdict = evaluate(logp, ref_logp, gold, beta)
    return {
        "kl": verdict.kl_from_reference,
        "gold": verdict.reward,
        "proxy": gain.mean(),
        "share": verdict.share,
        "nats_off_frontier": nats_off_frontier(logp, ref_logp, gold),
    }


def held_out_loss(reward) -> float:
    """Bradley-Terry loss of a reward table (P, R) on 2,000 pairs nobody trained on."""
    pairs = bench().held_out
    chosen, rejected = (reward[pairs.prompt, y] for y in (pairs.chosen, pairs.rejected))
    return float(np.logaddexp(0, rejected - chosen).mean())


def reward_errors(learned) -> dict[str, float]:
    """Error of a reward table where the reference goes, and where pi* goes."""
    ref_logp, reward = bench().reference.logp, bench().data.world.reward
    star = optimal_logp(ref_logp, reward, 1.0)
    errors = [reward_error(learned, reward, logp).mean() for logp in (ref_logp, star)]
    return dict(zip(("under_reference", "under_optimum"), errors, strict=True))


def _batches(pairs: Pairs, seed: int):
    """Batch number ``step`` of the pairs, as a function of the step."""
    here = bench()
    return partial(epoch_batch, here.data, pairs, here.reference.logp, BATCH, seed)
