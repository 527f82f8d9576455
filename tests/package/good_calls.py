"""One valid call of every public function of the chapters: function to arguments.

``test_refusals`` spoils the arguments one at a time. Arrays are small, models tiny,
and every training run has one step: thousands of calls are made from this table.
"""

from types import SimpleNamespace

import numpy as np
import torch

from dpo_edu import bradley_terry as bt
from dpo_edu import divergence as div
from dpo_edu import dpo_gradient as grad
from dpo_edu import dpo_loss as loss
from dpo_edu import root_finding
from dpo_edu import sequence_logprob as seq
from dpo_edu import tiny_transformer as tiny
from dpo_edu.boltzmann import best_of_n, evidence, frontier, tilt
from dpo_edu.cancellation import inversion, other_divergences, partition_estimates
from dpo_edu.failure_modes import misspecification
from dpo_edu.failure_modes.displacement import (
    correlation,
    displacement,
    mass_ledger,
    mass_moved,
    mean_log_ratios,
    role_in_pairs,
    table_limit,
)
from dpo_edu.failure_modes.winners import winners_at_optimum
from dpo_edu.likelihood import baseball, fit, logistic_regression, win_graph
from dpo_edu.online import judges, rounds, world_round
from dpo_edu.policy_gradient import (
    cost,
    discrete_sampling,
    frontier_distance,
    gradients,
    grpo,
    grpo_optimum,
    moments,
    ppo,
    reinforce,
    reward_model,
    rollout,
)
from dpo_edu.preference_world import prefix_tree, world, writers
from dpo_edu.real_model import pairs as real_pairs
from dpo_edu.real_model import prompts, rules
from dpo_edu.scaling import (
    budget,
    chat_masks,
    devices,
    distributed,
    mixed_precision,
    model_size,
    recipes,
    sharding,
    trainer_log,
    transformers_policy,
)
from dpo_edu.training import (
    Schedule,
    Settings,
    evaluation,
    world_batches,
    world_run,
)
from dpo_edu.training import fused_attention as fused
from dpo_edu.variants import losses, optima, population, table

# Numbers for numpy's chapters: one prompt with three responses, then two prompts.

REF = np.log([0.5, 0.3, 0.2])
POLICY = np.log([0.2, 0.7, 0.1])
REWARD = np.array([1.0, 2.0, 0.0])
P, Q = np.exp(REF), np.exp(POLICY)
REFS, POLICIES = np.stack([REF, POLICY]), np.stack([POLICY, REF])
REWARDS = np.stack([REWARD, REWARD[::-1]])
PREFERENCE = bt.preference_matrix(REWARD)
WINS = np.array([[0, 3, 1], [1, 0, 2], [2, 1, 0]])
HOME, AWAY = (
    np.array([[0, 3, 1], [1, 0, 2], [3, 1, 0]]),
    np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0]]),
)
RATES = np.array([0.2, 0.9])
MEETINGS = WINS + WINS.T
TOKEN_TABLES = [P, np.stack([P, Q, P])]
OTHER_TABLES = [Q, np.stack([Q, P, Q])]
TREE = [np.log(table) for table in TOKEN_TABLES]

# Numbers for torch's chapters: two pairs, one of them satisfied.

FOUR = {
    "logp_chosen": [-4.5, -3.0],
    "logp_rejected": [-4.5, -6.0],
    "ref_logp_chosen": [-5.0, -3.5],
    "ref_logp_rejected": [-4.0, -5.0],
}
TENSORS = {name: torch.tensor(values) for name, values in FOUR.items()}
SCALED = {"length_chosen": [3, 2], "length_rejected": [4, 5]}
UNANCHORED = {name: FOUR[name] for name in ("logp_chosen", "logp_rejected")} | SCALED
GAP = [1.0, -2.0]
LOGITS = torch.tensor([0.5, -0.2, 0.1], dtype=torch.float64)
TOKENS = torch.tensor([[1, 2, 0], [0, 1, 2]])
MASK = torch.tensor([[0, 1, 1], [0, 1, 0]])
TOKEN_LOGITS = torch.linspace(-1, 1, 18, dtype=torch.float64).view(2, 3, 3)
HEADS = torch.linspace(-1, 1, 24).view(1, 2, 3, 4)

# The world of at most one word per response: 8 prompts, 16 responses.

WORLD = world.build_world(1)
WORLD_LOGP = writers.writers_logp(WORLD)
DATA = world_batches.world_data(WORLD)
PAIRS = world.sample_pairs(WORLD, WORLD_LOGP, 4, np.random.default_rng(0))
MODEL = world_run.new_model(DATA, 0)
STAGE = world_run.stage(MODEL, WORLD)
BATCH = world_batches.pair_batch(DATA, PAIRS, WORLD_LOGP)
ONE = Schedule(1, 1e-3)
SETTINGS = Settings(sft=ONE, dpo=ONE, sft_batch_size=4, group_size=2, batch_size=4)
RL = rollout.RLSettings(ONE, group_size=2, reuse=1)
SCORER = reward_model.with_scalar_head(MODEL)
TASK = rollout.make_task(DATA, MODEL, WORLD.reward)
CRITIC = ppo.ActorCritic(MODEL)
RESPONSES = rollout.generate(MODEL, TASK, 2, torch.Generator().manual_seed(0))
ROUND = world_round.RoundSettings(pairs=4, steps=1, batch_size=4)
JUDGE = judges.reward_judge(WORLD.reward)
TOKENIZER = SimpleNamespace(
    bos_token_id=1,
    apply_chat_template=lambda chat, **_: [1] + [5] * len(chat),
)


def numpy_generator():
    return np.random.default_rng(0)


def torch_generator():
    return torch.Generator().manual_seed(0)


def squares(corners):
    return corners.square().sum(-1)


def ipo(pair):
    return losses.ipo_loss(pair.gap, 1.0)


def tilted(reward=REWARD, beta=0.5):
    return {"ref_logp": REF, "reward": reward, "beta": beta}


ADAPTED = SimpleNamespace(disable_adapter=None)

GOOD = {
    # 01
    bt.log_sigmoid: {"x": [0.0, 1.5]},
    bt.sigmoid: {"x": [0.0, 1.5]},
    bt.logit: {"p": RATES},
    bt.preference_probability: {"reward_i": REWARD, "reward_j": 0.5},
    bt.preference_matrix: {"rewards": REWARD},
    bt.compose_preferences: {"p_ab": RATES, "p_bc": 0.3},
    bt.cycle_defect: {"probabilities": PREFERENCE},
    bt.pooled_preferences: {"rewards": REWARDS, "weights": [0.4, 0.6]},
    bt.random_utility_frequency: {
        "reward_i": 1.0,
        "reward_j": 0.5,
        "noise": np.linspace(-1, 1, 6).reshape(3, 2),
    },
    bt.thurstone_probability: {"reward_i": REWARD, "reward_j": 0.5},
    bt.elo_rating: {"reward": REWARD},
    bt.elo_update: {"winner": 1500.0, "loser": 1400.0, "step": 32.0},
    bt.plackett_luce_nll: {"rewards": REWARD},
    bt.pair_product_nll: {"rewards": REWARD},
    bt.all_rankings: {"rewards": REWARD},
    bt.pair_marginal: {"rewards": REWARD, "i": 0, "j": 2},
    bt.flipped: {"preference": RATES, "rate": 0.1},
    # 02
    fit.negative_log_likelihood: {
        "rewards": REWARD,
        "winners": [0, 1],
        "losers": [2, 0],
    },
    fit.binary_cross_entropy: {"label": RATES, "margin": [0.5, -1.0]},
    fit.bayes_loss: {"probabilities": RATES},
    fit.bayes_accuracy: {"probabilities": RATES},
    fit.wins_matrix: {"winners": [0, 1], "losers": [2, 0], "items": 3},
    fit.fit_rewards: {"wins": WINS, "ridge": 0.1},
    fit.zermelo_step: {"strengths": P, "wins": WINS},
    fit.fisher_information: {"rewards": REWARD, "comparisons": MEETINGS},
    fit.standard_errors: {
        "information": fit.fisher_information(REWARD, MEETINGS),
        "base": 0,
    },
    logistic_regression.fit_logistic: {
        "rows": np.array([[1.0, -1.0], [-1.0, 1.0]]),
        "counts": [3.0, 1.0],
        "ridge": 0.1,
    },
    logistic_regression.curvature_matrix: {
        "rows": np.array([[1.0, -1.0], [-1.0, 1.0]]),
        "counts": [3.0, 1.0],
        "t": [0.1, 0.2],
    },
    logistic_regression.gap_rows: {"first": [0, 1], "second": [1, 2], "items": 3},
    win_graph.checked_wins: {"wins": WINS},
    win_graph.reachable: {"arrows": WINS > 0},
    win_graph.groups: {"same": np.eye(3, dtype=bool)},
    win_graph.comparison_components: {"wins": WINS},
    win_graph.mle_exists: {"wins": WINS},
    win_graph.require_finite_mle: {"wins": WINS},
    baseball.load_baseball: {},
    baseball.fit_with_home_advantage: {"home_wins": HOME, "away_wins": AWAY},
    baseball.require_finite_home_advantage: {"home_wins": HOME, "away_wins": AWAY},
    # 03
    div.entropy: {"p": P},
    div.cross_entropy: {"p": P, "q": Q},
    div.kl_divergence: {"p": P, "q": Q},
    div.kl_from_logs: {"logp": POLICY, "logq": REF},
    div.normalized: {"logits": POLICY},
    div.kl_estimates: {"logp": POLICY, "logq": REF},
    div.estimator_moments: {"p": P, "q": Q},
    div.total_variation: {"p": P, "q": Q},
    div.pinsker_bound: {"kl": [0.1, 2.0]},
    div.bretagnolle_huber_bound: {"kl": [0.1, 2.0]},
    div.likeliest_event: {"probability": 0.01, "kl": [0.1, 2.0]},
    div.joint_probability: {"tables": TOKEN_TABLES},
    div.kl_per_token: {"p_tables": TOKEN_TABLES, "q_tables": OTHER_TABLES},
    div.bell_family: {
        "points": [0.0, 1.0, 2.0],
        "centers": [0.5, 1.5],
        "width": 1.0,
    },
    div.forward_projection: {"target": P, "family": np.stack([P, Q])},
    div.reverse_projection: {"target": P, "family": np.stack([P, Q])},
    # 04
    tilt.rlhf_inputs: tilted(),
    tilt.listed_part: tilted(),
    tilt.log_partition: tilted(),
    tilt.optimal_logp: tilted(),
    tilt.expected_reward: {"logp": POLICY, "reward": REWARD},
    tilt.reward_covariance: {"logp": POLICY, "first": REWARD, "second": REWARD[::-1]},
    tilt.objective: {"logp": POLICY, **tilted()},
    tilt.regret: {"logp": POLICY, **tilted()},
    tilt.win_rate: {"logp": POLICY, "other_logp": REF, "reward": REWARD},
    tilt.derive_optimal_policy: {},
    evidence.elbo: {"logp": POLICY, **tilted()},
    evidence.evidence_probability: tilted(),
    evidence.runaway_world: {"size": 3},
    evidence.runaway_log_partition: {"beta": 2.0},
    frontier.beta_sweep: {"ref_logp": REF, "reward": REWARD, "betas": [0.5, 1.0]},
    frontier.greedy_limit_logp: {"ref_logp": REF, "reward": REWARD},
    frontier.beta_for_kl: {"ref_logp": REF, "reward": REWARD, "kl_budget": 0.3},
    frontier.best_proxy_beta: {
        "ref_logp": REF,
        "proxy": REWARD,
        "gold": np.array([1.0, -2.0, 0.0]),
        "betas": [0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 50.0],
    },
    best_of_n.best_of_n_logp: {"ref_logp": REF, "reward": REWARD, "n": 3},
    best_of_n.best_of_n_kl_bound: {"n": 3},
    best_of_n.best_of_n_win_rate: {"n": 3},
    # 05
    inversion.implicit_reward: {"logp": POLICY, "ref_logp": REF, "beta": 0.5},
    inversion.log_ratio: {"logp": POLICY, "ref_logp": REF},
    inversion.normalized_reward: tilted(),
    inversion.effect_of_prompt_constant: {
        "rule": lambda r: r.sum(),
        "reward": REWARD,
        "constant": 7.0,
    },
    inversion.log10_responses: {"vocabulary_size": 10, "length": 3},
    inversion.soft_bellman: {
        "ref_token_logp": TREE,
        "reward": np.arange(9.0).reshape(3, 3),
        "beta": 0.5,
    },
    inversion.chain_logp: {"token_logp": TREE},
    inversion.monte_carlo_partition: {"sampled_reward": REWARD, "beta": 0.5},
    inversion.derive_cancellation: {},
    other_divergences.alpha_divergence: {"alpha": 0.5},
    other_divergences.penalized_optimum: {
        **tilted(),
        "divergence": other_divergences.FORWARD_KL,
    },
    other_divergences.recovered_reward: {
        "logp": POLICY,
        "ref_logp": REF,
        "beta": 0.5,
        "divergence": other_divergences.FORWARD_KL,
    },
    partition_estimates.relative_variance: {**tilted(), "samples": 3},
    partition_estimates.mean_log_estimate: {**tilted(), "samples": 2},
    partition_estimates.quantile_log_partition: {"beta": 0.5},
    # 06
    loss.log_ratio_gap: FOUR,
    loss.dpo_loss: {**FOUR, "beta": 0.1, "label": [0.9, 0.3], "reduction": "mean"},
    loss.implicit_reward_accuracy: FOUR,
    loss.population_loss: {
        "logp": POLICY,
        "ref_logp": REF,
        "preference": PREFERENCE,
        "beta": 0.5,
        "weight": np.ones((3, 3)),
    },
    loss.preference_entropy: {"preference": PREFERENCE, "weight": np.ones((3, 3))},
    loss.as_tensor: {"value": [0.5, 1.0]},
    # 07
    grad.gradient_weight: {"log_ratio_gap": GAP, "beta": 0.5},
    grad.dpo_gradient: {**FOUR, "beta": 0.5},
    grad.derive_gradient: {},
    grad.score: {"logp": POLICY, "response": 1},
    grad.log_linear_logp: {"theta": GAP, "features": np.eye(3, 2), "ref_logp": REF},
    grad.descent_step: {
        "theta": GAP,
        "features": np.eye(3, 2),
        "pair": (0, 2),
        "beta": 0.5,
        "learning_rate": 0.1,
    },
    grad.first_order_change: {
        "logp": POLICY,
        "features": np.eye(3, 2),
        "theta_change": GAP,
    },
    grad.gradient_flow: {"beta": 0.5, "time": [1.0, 10.0]},
    grad.optimal_gap: {"label": RATES, "beta": 0.5},
    grad.train_pair: {
        "beta": 0.5,
        "steps": 2,
        "make_optimizer": lambda table: torch.optim.SGD(table, lr=1.0),
    },
    # 08
    seq.token_logprobs: {"logits": TOKEN_LOGITS, "tokens": TOKENS},
    seq.sequence_logprob: {
        "logits": TOKEN_LOGITS,
        "tokens": TOKENS,
        "response_mask": MASK,
    },
    seq.joined: {"prompts": [[5], [5, 6]], "responses": [[1, 0], [0]], "pad": 0},
    seq.pad_sequences: {"prompts": [[5], [5, 6]], "responses": [[1, 0], [0]], "pad": 0},
    # 09
    tiny.ModelConfig: {
        "vocabulary": 5,
        "context": 4,
        "width": 4,
        "layers": 1,
        "heads": 2,
    },
    tiny.TinyTransformer: {"config": tiny.ModelConfig(5, 4, 4)},
    tiny.causal_attention: {"q": HEADS, "k": HEADS + 1, "v": HEADS - 1},
    tiny.sample_token: {
        "logits": TOKEN_LOGITS[0],
        "temperature": 0.7,
        "generator": torch_generator(),
    },
    fused.fused_attention: {"q": HEADS, "k": HEADS + 1, "v": HEADS - 1},
    fused.attention_for: {"precision": "float32"},
    # 10
    world.meaning: {"words": ["soup", "not", "very", "good"]},
    world.reward: {"prompt": "very good", "response": "great"},
    world.build_world: {"max_words": 1},
    world.label_pair: {"reward_a": GAP, "reward_b": 0.5, "uniform": 0.3},
    world.verdict: {"preference": RATES, "uniform": 0.3},
    world.sample_responses: {
        "logp": REFS,
        "prompt": [0, 1, 1],
        "generator": numpy_generator(),
    },
    world.sample_pairs: {
        "world": WORLD,
        "ref_logp": WORLD_LOGP,
        "count": 3,
        "generator": numpy_generator(),
    },
    world.soft_labels: {
        "world": WORLD,
        "prompt": [0, 1],
        "first": [1, 2],
        "second": [3, 4],
    },
    world.hard_labels: {"pairs": PAIRS, "generator": numpy_generator()},
    world.exact_kl: {"logp": POLICIES, "ref_logp": REFS},
    prefix_tree.unfold: {
        "levels": [torch.zeros(1, 4).log_softmax(-1), torch.zeros(3, 4).log_softmax(-1)]
    },
    prefix_tree.response_logp: {
        "model": MODEL,
        "prompts": [[3]],
        "words": 15,
        "max_words": 1,
    },
    writers.writers_logp: {"world": WORLD},
    # 11
    evaluation.evaluate: {
        "logp": POLICIES,
        "ref_logp": REFS,
        "reward": REWARDS,
        "beta": 0.5,
    },
    evaluation.win_rate_by_level: {
        "logp": POLICIES,
        "other_logp": REFS,
        "reward": REWARDS,
    },
    evaluation.loss_floor: {"ref_logp": REFS, "reward": REWARDS},
    evaluation.pool_by_reward: {"reward": REWARDS, "logps": REFS},
    world_batches.world_data: {"world": WORLD, "device": "cpu", "dtype": torch.float64},
    world_batches.text_batch: {
        "data": DATA,
        "text_logp": WORLD_LOGP,
        "count": 3,
        "seed": 0,
        "step": 1,
    },
    world_batches.compared_batch: {
        "data": DATA,
        "ref_logp": WORLD_LOGP,
        "group_size": 2,
        "seed": 0,
        "step": 1,
    },
    world_batches.epoch_batch: {
        "data": DATA,
        "pairs": PAIRS,
        "ref_logp": WORLD_LOGP,
        "size": 3,
        "seed": 0,
        "step": 1,
    },
    world_batches.pair_batch: {"data": DATA, "pairs": PAIRS, "ref_logp": WORLD_LOGP},
    world_run.policy_logp: {"model": MODEL, "world": WORLD},
    world_run.stage: {"model": MODEL, "world": WORLD},
    world_run.new_model: {"data": DATA, "seed": 0},
    world_run.make_reference: {
        "data": DATA,
        "settings": SETTINGS,
        "after_step": None,
        "text_logp": WORLD_LOGP,
    },
    world_run.train_soft: {
        "data": DATA,
        "reference": STAGE,
        "settings": SETTINGS,
        "after_step": None,
    },
    world_run.train_hard: {
        "data": DATA,
        "reference": STAGE,
        "pairs": PAIRS,
        "epochs": 1,
        "settings": SETTINGS,
        "after_step": None,
    },
    # 12
    cost.cost: {"forward": 2, "backward": 1},
    cost.ppo: {"reuse": 4},
    cost.best_of: {"n": 4},
    gradients.penalized_reward: {
        "logp": POLICY,
        "ref_logp": REF,
        "reward": REWARD,
        "beta": 0.5,
    },
    gradients.policy_gradient: {"logp": POLICY, "reward": REWARD},
    gradients.scores: {"logp": POLICY},
    gradients.leave_one_out_advantages: {"rewards": REWARD},
    gradients.group_centered_advantages: {"rewards": REWARD},
    gradients.group_normalized_advantages: {"rewards": REWARD, "correction": 0},
    gradients.generalized_advantages: {
        "rewards": REWARD,
        "values": [0.5, 0.2, 0.1],
        "discount": 1.0,
        "decay": 0.9,
    },
    gradients.clipped_objective: {
        "ratio": [0.9, 1.5],
        "advantage": [1.0, -1.0],
        "epsilon": 0.2,
        "reduction": "none",
    },
    gradients.importance_second_moment: {"logp": POLICY, "logq": REF},
    moments.moments: {
        "weight": torch.tensor([0.25, 0.75]),
        "values": torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
    },
    moments.score_function_estimates: {
        "logp": POLICY,
        "reward": REWARD,
        "baseline": 0.5,
    },
    moments.optimal_baseline: {"logp": POLICY, "reward": REWARD},
    moments.group_moments: {
        "logp": POLICY,
        "reward": REWARD,
        "size": 2,
        "advantages": gradients.leave_one_out_advantages,
        "length": 2.0,
    },
    moments.one_sample_variance: {"logp": POLICY, "reward": REWARD, "baseline": 0.5},
    moments.leave_one_out_variance: {"logp": POLICY, "reward": REWARD, "size": 2},
    discrete_sampling.corner_values: {"logits": LOGITS, "f": squares},
    discrete_sampling.exact_gradient: {"logits": LOGITS, "f": squares},
    discrete_sampling.score_function: {"logits": LOGITS, "f": squares, "baseline": 0.1},
    discrete_sampling.straight_through: {"logits": LOGITS, "f": squares},
    discrete_sampling.gumbel_softmax: {
        "logits": LOGITS[:2],
        "f": squares,
        "temperature": 0.7,
    },
    discrete_sampling.pair_loss_slopes: {
        "logits": LOGITS,
        "ref_logits": LOGITS.flip(0),
        "reward": REWARD,
        "beta": 0.5,
    },
    frontier_distance.beta_for_reward: {
        "ref_logp": REF,
        "reward": REWARD,
        "wanted": 1.5,
    },
    frontier_distance.nats_off_frontier: {
        "logp": POLICIES,
        "ref_logp": REFS,
        "reward": REWARDS,
    },
    reward_model.reward_model_loss: {
        "reward_chosen": GAP,
        "reward_rejected": [0.5, 0.0],
        "label": [0.9, 0.3],
    },
    reward_model.with_scalar_head: {"model": MODEL},
    reward_model.sequence_reward: {
        "scorer": SCORER,
        "tokens": DATA.tokens[:3],
        "mask": DATA.mask[:3],
    },
    reward_model.reward_pair_loss: {"scorer": SCORER, "batch": BATCH},
    reward_model.fit_reward_model: {
        "start": MODEL,
        "batch_at": lambda step: BATCH,
        "schedule": ONE,
        "after_step": None,
    },
    reward_model.reward_table: {"scorer": SCORER, "data": DATA},
    reward_model.reward_error: {"learned": REWARD, "reward": REWARD / 2, "logp": REF},
    rollout.make_task: {"data": DATA, "reference": MODEL, "reward": WORLD.reward},
    rollout.token_scores: {
        "logits": TOKEN_LOGITS[:, 1:],
        "tokens": TOKENS,
        "mask": MASK.bool(),
    },
    rollout.generate: {
        "policy": MODEL,
        "task": TASK,
        "group_size": 2,
        "generator": torch_generator(),
    },
    rollout.sample_words: {
        "policy": MODEL,
        "data": DATA,
        "prompt": np.array([0, 3]),
        "generator": torch_generator(),
    },
    rollout.RLSettings: {
        "schedule": ONE,
        "beta": 1.0,
        "group_size": 2,
        "reuse": 1,
        "epsilon": 0.2,
        "decay": 0.95,
        "value_weight": 0.1,
        "seed": 0,
    },
    rollout.require_training: {
        "start": MODEL,
        "task": TASK,
        "settings": RL,
        "after_step": None,
    },
    reinforce.reinforce_loss: {
        "policy": MODEL,
        "responses": RESPONSES,
        "settings": RL,
    },
    reinforce.train_reinforce: {
        "start": MODEL,
        "task": TASK,
        "settings": RL,
        "after_step": None,
    },
    ppo.ActorCritic: {"start": MODEL},
    ppo.appraise: {"model": CRITIC, "responses": RESPONSES, "settings": RL},
    ppo.ppo_loss: {
        "model": CRITIC,
        "batch": ppo.appraise(CRITIC, RESPONSES, RL),
        "settings": RL,
    },
    ppo.train_ppo: {"start": MODEL, "task": TASK, "settings": RL, "after_step": None},
    rollout.reused: {"draw": iter("abc").__next__, "times": 2},
    grpo.Form: {"by_deviation": True, "by_length": False},
    grpo.appraise_groups: {
        "policy": MODEL,
        "responses": RESPONSES,
        "settings": RL,
        "form": grpo.Form(),
    },
    grpo.grpo_loss: {
        "policy": MODEL,
        "groups": grpo.appraise_groups(MODEL, RESPONSES, RL, grpo.Form()),
        "settings": RL,
        "form": grpo.Form(),
    },
    grpo.train_grpo: {
        "start": MODEL,
        "task": TASK,
        "settings": RL,
        "after_step": None,
        "form": grpo.Form(),
    },
    grpo_optimum.forward_kl_optimal_logp: {
        "ref_logp": REF,
        "reward": REWARD,
        "beta": 0.5,
    },
    grpo_optimum.grpo_optimal_logp: {"ref_logp": REF, "reward": REWARD, "beta": 0.5},
    # 13
    displacement: {
        "logp_before": [[-2.0, -3.0], [-4.0, -1.0]],
        "logp_after": [[-2.5, -6.0], [-3.0, -1.0]],
    },
    mass_moved: {"logp_before": REF, "logp_after": POLICY},
    mass_ledger: {
        "logp_before": REF,
        "logp_after": POLICY,
        "group": [0, 1, 1],
        "groups": 3,
    },
    role_in_pairs: {
        "prompt": [0, 1],
        "chosen": [1, 2],
        "rejected": [3, 4],
        "shape": (2, 5),
    },
    mean_log_ratios: {
        "logp": POLICIES,
        "ref_logp": REFS,
        "reward": REWARDS,
    },
    winners_at_optimum: {"ref_logp": REFS, "reward": REWARDS, "beta": 0.5},
    correlation: {
        "logp": POLICY,
        "first": REWARD,
        "second": REWARD[::-1],
    },
    table_limit: {**tilted(), "component": [0, 0, 1]},
    misspecification.population_policy: {
        "ref_logp": REF,
        "preference": PREFERENCE,
        "weight": np.ones((3, 3)),
        "beta": 0.5,
    },
    misspecification.pooled_policy: {
        "ref_logp": REF,
        "rewards": REWARDS,
        "share": [0.5, 0.5],
        "beta": 0.5,
    },
    misspecification.averaged_optimum: {**tilted(), "length": [1, 2, 3]},
    misspecification.line_logp: {"tilt": 0.5, "feature": REWARD, "ref_logp": REF},
    misspecification.rlhf_tilt: {
        "feature": np.array([1.0, 0.5, 0.0]),
        "ref_logp": REF,
        "reward": REWARD,
        "beta": 0.5,
    },
    misspecification.dpo_tilt: {
        "feature": np.array([1.0, 0.5, 0.0]),
        "preference": PREFERENCE,
        "weight": np.ones((3, 3)),
        "beta": 0.5,
    },
    # 14
    losses.ipo_loss: {"log_ratio_gap": GAP, "beta": 0.5},
    losses.cdpo_loss: {"log_ratio_gap": GAP, "beta": 0.5, "epsilon": 0.1},
    losses.rdpo_loss: {"log_ratio_gap": GAP, "beta": 0.5, "epsilon": 0.1},
    losses.simpo_loss: {**UNANCHORED, "beta": 0.5, "gamma": 0.2},
    losses.orpo_loss: {**UNANCHORED, "weight": 0.5},
    losses.length_normalized_loss: {**FOUR, **SCALED, "beta": 0.5},
    losses.rpo_loss: {**FOUR, "length_chosen": [2, 3], "beta": 0.5, "weight": 0.5},
    losses.kto_loss: {
        "log_ratio": GAP,
        "desirable": [True, False],
        "kl": 0.2,
        "beta": 0.5,
        "weights": (1.0, 0.5),
    },
    losses.hinge_loss: {"log_ratio_gap": GAP, "beta": 0.5},
    losses.dpop_loss: {
        "log_ratio_chosen": GAP,
        "log_ratio_rejected": [0.5, 0.5],
        "beta": 0.5,
        "penalty": 1.0,
    },
    losses.plackett_luce_loss: {"log_ratio": [[2.0, 1.0, 0.5]], "beta": 0.5},
    optima.dpo_gap: {"p": RATES, "beta": 0.5},
    optima.ipo_gap: {"p": RATES, "beta": 0.5},
    optima.cdpo_gap: {"p": RATES, "beta": 0.5, "epsilon": 0.1},
    optima.rdpo_gap: {"p": RATES, "beta": 0.5, "epsilon": 0.1},
    optima.hinge_gap: {"p": RATES, "beta": 0.5},
    optima.simpo_gap: {"p": RATES, "beta": 0.5, "gamma": 0.2},
    optima.expected_loss: {
        "loss": ipo,
        "policy_logit": 0.3,
        "p": 0.8,
        "ref_logit": 0.1,
    },
    optima.searched_logit: {"loss": ipo, "p": 0.8, "ref_logit": 0.1, "limit": 60.0},
    population.best_log_ratios: {
        "loss": ipo,
        "share": [P],
        "preference": PREFERENCE,
        "length": [1.0, 2.0, 2.0],
    },
    population.best_log_ratios_from_thumbs: {
        "share": [P],
        "approval": [[0.4, 0.8, 0.2]],
        "beta": 0.5,
        "ups": 2.0,
    },
    population.simpo_logp: {
        "share": [P],
        "preference": PREFERENCE,
        "beta": 0.5,
        "gamma": 0.2,
        "length": [1.0, 2.0, 2.0],
        "count": [[1.0, 2.0, 3.0]],
    },
    table.changed: {"variant": table.VARIANTS[0]},
    table.overview: {},
    table.in_words: {"names": "IPO"},
    # 15
    rounds.effective_beta: {"beta": 0.5, "rounds": 4, "share": 0.5},
    rounds.rounds_logp: {**tilted(), "rounds": 4, "share": 0.5},
    rounds.iterate: {
        "policy": 1.0,
        "reference": 1.0,
        "round_fn": lambda policy, reference: (policy, reference),
        "rounds": 3,
    },
    rounds.fixed_reference: {"learn": min},
    rounds.moving_reference: {"learn": min},
    rounds.mixed_reference: {"learn": min, "share": 0.5},
    rounds.exact_round: {"reward": REWARD, "beta": 0.5},
    judges.reward_judge: {"table": REWARDS},
    judges.slipping: {"judge": JUDGE, "rate": 0.1},
    judges.self_judge: {"logp": POLICIES, "ref_logp": REFS, "beta": 0.5},
    judges.reward_of_length: {"world": WORLD, "per_word": 0.5},
    judges.reward_without_not: {"world": WORLD},
    judges.judged_pairs: {
        "logp": WORLD_LOGP,
        "judge": JUDGE,
        "count": 3,
        "generator": numpy_generator(),
    },
    world_round.newest_labels: {"labels": [PAIRS, PAIRS]},
    world_round.all_labels: {"labels": [PAIRS, PAIRS]},
    world_round.RoundSettings: {
        "beta": 0.5,
        "pairs": 4,
        "keep": world_round.all_labels,
        "steps": 1,
        "learning_rate": 1e-3,
        "batch_size": 4,
    },
    world_round.online_round: {
        "data": DATA,
        "judge_for": lambda policy: JUDGE,
        "labels": [],
        "settings": ROUND,
        "generator": numpy_generator(),
    },
    world_round.train_round: {
        "data": DATA,
        "policy": STAGE,
        "reference": STAGE,
        "pairs": PAIRS,
        "settings": ROUND,
    },
    # 16
    budget.Decoder: {
        "vocabulary": 10,
        "width": 4,
        "layers": 1,
        "mlp": 8,
        "mlp_matrices": 3,
        "kv_groups": 1,
    },
    budget.training_flops: {
        "parameters": 10,
        "tokens": 5,
        "trainable": 3,
        "forwards": 2,
    },
    budget.dpo_flops: {
        "parameters": 10,
        "tokens": 5,
        "epochs": 2,
        "reference_passes": 1,
        "trainable": 3,
        "forwards": 2,
    },
    budget.training_memory_bytes: {
        "parameters": 10,
        "trainable": 3,
        "bytes_per_value": 4,
    },
    budget.mixed_memory: {
        "parameters": 10,
        "trainable": 3,
        "reference": 10,
        "frozen_bytes": 0.5,
        "moment_bytes": 2,
    },
    sharding.sharded_memory: {
        "parts": {"gradients": 8.0, "activations": 4.0},
        "gpus": 4,
        "stage": 2,
    },
    sharding.gathered_bytes: {"sizes": budget.Decoder(10, 4, 1, 8)},
    chat_masks.assistant_turns: {
        "tokenizer": TOKENIZER,
        "messages": [
            {"role": "user", "content": "Is it good?"},
            {"role": "assistant", "content": "Very."},
        ],
    },
    recipes.table: {"recipes": [recipes.RECIPES[0]]},
    budget.logits_bytes: {"vocabulary": 10, "tokens": 5},
    budget.gpu_hours: {"flops": 1e18, "peak": 1e15, "utilization": 0.4},
    devices.choose_device: {"name": "cpu"},
    devices.use_threads: {"count": 1},
    distributed.share: {"batch": BATCH, "rank": 0, "count": 2},
    distributed.mean_over_processes: {"value": 0.5},
    mixed_precision.Bfloat16: {"model": MODEL},
    mixed_precision.itself: {"model": MODEL},
    mixed_precision.called_in: {"precision": "float32"},
    mixed_precision.slow_advice: {
        "precision": "bfloat16",
        "device": torch.device("cpu"),
    },
    mixed_precision.has_bfloat16_units: {"device": torch.device("cpu")},
    model_size.parameter_count: {"model": MODEL},
    model_size.forward_flops: {"config": tiny.ModelConfig(5, 4, 4), "tokens": 3},
    trainer_log.log_columns: {**TENSORS, "beta": 0.5},
    trainer_log.token_columns: {
        "logits": TOKEN_LOGITS,
        "tokens": TOKENS,
        "response_mask": MASK,
    },
    transformers_policy.TransformersPolicy: {
        "model": SimpleNamespace(config=SimpleNamespace(bos_token_id=1)),
        "pad": 2,
    },
    transformers_policy.chat_tokens: {
        "tokenizer": TOKENIZER,
        "prompt": "Is it good?",
        "response": "Very.",
    },
    transformers_policy.conversation_tokens: {
        "tokenizer": TOKENIZER,
        "messages": [{"role": "user", "content": "Is it good?"}],
        "response": "Very.",
    },
    transformers_policy.require_one_bos: {"tokens": [1, 5], "bos": 1},
    transformers_policy.pad_left: {
        "prompts": [[5], [5, 6]],
        "responses": [[1, 0], [0]],
        "pad": 9,
    },
    # 17: the rooms that need no model of transformers
    **{
        score: {"text": "Boil it. You need:\n- salt"}
        for score in (
            *(rules.words, rules.first_sentence, rules.short_first_sentence),
            *(rules.no_list, rules.short_words, rules.speaks_to_you, rules.new_words),
        )
    },
    rules.rule: {"name": "no_list"},
    real_pairs.best_beside_worst: {"scores": [0.0, 3.0, 1.0], "most": 2},
    prompts.split_by_prompt: {"prompts": ["a", "b", "a"], "held_out": 1, "seed": 0},
    # ground floor
    root_finding.bisect: {"increasing": lambda x: x - 1, "low": 0.0, "high": [3.0]},
}
