"""From pairs to a policy, at a price; judged by an observer who knows everything.

Each run gets its pairs and as many passes (``policy_gradient.cost``) as it is told. A
seed decides the pairs, their verdicts, their order and what a policy happens to say;
the reference is the same in all runs. This module does not know which runs are
compared.
"""

from functools import partial

import numpy as np

from ...boltzmann import expected_reward, optimal_logp
from ...divergence import kl_from_logs
from ...policy_gradient.cost import GRPO, PAIR, REFERENCE, REINFORCE, best_of, ppo
from ...policy_gradient.frontier_distance import nats_off_frontier
from ...policy_gradient.grpo import FORMS, train_grpo
from ...policy_gradient.ppo import train_ppo
from ...policy_gradient.reinforce import train_reinforce
from ...policy_gradient.reward_model import fit_reward_model, reward_error, reward_table
from ...policy_gradient.rollout import RLSettings, make_task
from ...preference_world import Pairs
from ...training import Schedule, train_pairs
from ...training.evaluation import evaluate
from ...training.world_run import policy_logp
from ..shared_start import BATCH_SIZE, in_epochs, shared_start, verdicts

REUSE = 4  # PPO's gradient steps on one batch
PAIR_LEARNING_RATE, RL_LEARNING_RATE = 5e-3, 7e-3  # on pairs, on responses
TRAINERS = {"PPO": train_ppo, "REINFORCE": train_reinforce} | {
    name: partial(train_grpo, form=form) for name, form in FORMS.items()
}
# Of RL, too, a batch is BATCH_SIZE: 16 responses to each of 8 prompts. In passes per
# response and step:
PRICE = {"PPO": ppo(REUSE) / REUSE, "REINFORCE": REINFORCE} | dict.fromkeys(FORMS, GRPO)
BEST_OF = (1, 2, 4, 8, 16, 32, 64)


def drawn(count: int, seed: int) -> Pairs:
    """Pairs of the reference with one verdict each."""
    data, reference, _ = shared_start()
    return verdicts(data, reference, count, seed)


def pair_steps(budget: int) -> int:
    """Steps of DPO or of a reward model for this many passes."""
    return budget // (PAIR * BATCH_SIZE)


def dpo(
    pairs: Pairs,
    budget: int,
    seed: int,
    beta=1.0,
    learning_rate=PAIR_LEARNING_RATE,
    after_step=None,
) -> np.ndarray:
    """DPO, the reference's passes included: log-probabilities (P, R)."""
    steps = pair_steps(budget - REFERENCE * len(pairs.prompt))
    schedule, start = Schedule(steps, learning_rate), shared_start()
    model, batch_at = start.reference.model, in_epochs(pairs, seed)
    policy = train_pairs(model, batch_at, schedule, beta, after_step=after_step)
    return policy_logp(policy, start.data.world)


def learned_reward(pairs: Pairs, budget: int, seed: int) -> np.ndarray:
    """A reward model fitted to the pairs, as a table of all responses (P, R)."""
    schedule, start = Schedule(pair_steps(budget), PAIR_LEARNING_RATE), shared_start()
    model = start.reference.model
    scorer = fit_reward_model(model, in_epochs(pairs, seed), schedule)
    return reward_table(scorer, start.data)


def rl_settings(
    method: str, budget: int, seed: int, beta=1.0, learning_rate=RL_LEARNING_RATE
) -> RLSettings:
    """RL for this many passes; method: a name of ``TRAINERS``."""
    steps = int(budget / (PRICE[method] * BATCH_SIZE))
    reuse = REUSE if method == "PPO" else 1
    return RLSettings(Schedule(steps, learning_rate), beta, reuse=reuse, seed=seed)


def rlhf(
    method: str, reward, settings: RLSettings, every: int = 0
) -> tuple[np.ndarray, list[dict]]:
    """RL on a reward table (P, R): the last policy's log-probabilities, and rows.

    settings: see ``rl_settings``. A row every ``every`` batches, none at 0.
    """
    (data, reference, _), rows = shared_start(), []

    def after_step(report):
        batches, unfinished = divmod(report.step + 1, settings.reuse)
        if every and not unfinished and batches % every == 0:
            logp = policy_logp(report.model, data.world)
            row = {"step": report.step + 1, "responses": batches * BATCH_SIZE}
            rows.append(row | track(logp, reward, settings.beta))

    task = make_task(data, reference.model, reward)
    policy = TRAINERS[method](reference.model, task, settings, after_step)
    return policy_logp(policy, data.world), rows


def judge(logp, beta=1.0, learned=None) -> dict[str, float]:
    """What is true of a policy; ``learned`` is the reward table it was trained on."""
    ref_logp, reward = _reference_and_truth()
    verdict = evaluate(logp, ref_logp, reward, beta)._asdict()
    verdict["nats_off_frontier"] = nats_off_frontier(logp, ref_logp, reward)
    if learned is not None:
        own = optimal_logp(ref_logp, learned, beta)
        verdict["kl_to_own_optimum"] = kl_from_logs(logp, own).mean()
    return verdict


def track(logp, proxy, beta=1.0) -> dict[str, float]:
    """A policy on its way: the true reward, the one it is trained on, the KL spent.

    The proxy is counted from what the reference earns: its zero means nothing.
    """
    ref_logp, gold = _reference_and_truth()
    gain = expected_reward(logp, proxy) - expected_reward(ref_logp, proxy)
    verdict = evaluate(logp, ref_logp, gold, beta)
    return {
        "kl": verdict.kl_from_reference,
        "gold": verdict.reward,
        "proxy": gain.mean(),
        "share": verdict.share,
        "nats_off_frontier": nats_off_frontier(logp, ref_logp, gold),
    }


def reward_errors(learned) -> dict[str, float]:
    """Error of a reward table where the reference goes, and where pi* goes."""
    ref_logp, reward = _reference_and_truth()
    star = optimal_logp(ref_logp, reward, 1.0)
    errors = [reward_error(learned, reward, logp).mean() for logp in (ref_logp, star)]
    return dict(zip(("under_reference", "under_optimum"), errors, strict=True))


def best_of_n_by_sorting(ref_logp, reward, n: int) -> np.ndarray:
    """Log-probabilities of the best of ``n`` draws at one prompt: (R,).

        pi_N(y) = F(y)^N - F(y-)^N,  shared among equal rewards as in pi_ref

    The same policy as ``best_of_n.best_of_n_logp``, by sorting: with thousands of
    responses and a reward model in which hardly two agree, tables of all pairs take a
    minute.
    """
    _, level = np.unique(reward, return_inverse=True)
    mass = np.bincount(level, np.exp(ref_logp))  # of each distinct reward, rising
    won = np.diff(mass.cumsum() ** n, prepend=0)
    with np.errstate(divide="ignore"):  # the worst of many draws is never kept
        return ref_logp + np.log(won / mass)[level]


def best_answers(reward) -> list[dict]:
    """Exact verdicts on best-of-N for every N, judged by a reward table (P, R)."""
    ref_logp, rows = shared_start().reference.logp, []
    for n in BEST_OF:
        prompts = zip(ref_logp, reward, strict=True)
        logp = np.stack([best_of_n_by_sorting(*prompt, n) for prompt in prompts])
        rows.append({"n": n, "passes_an_answer": best_of(n)} | judge(logp))
    return rows


def _reference_and_truth() -> tuple[np.ndarray, np.ndarray]:
    """The reference's log-probabilities and the true reward, both (P, R)."""
    data, reference, _ = shared_start()
    return reference.logp, data.world.reward
