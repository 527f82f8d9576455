"""Arguments of the right kind with a wrong value, and extremes that have an answer.

``test_refusals`` exchanges kinds: it cannot know that a label of 2 is wrong.
"""

import numpy as np
import pytest
import torch

from dpo_edu.cancellation.inversion import implicit_reward
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.failure_modes import mass_moved, mean_log_ratios
from dpo_edu.likelihood.fit import binary_cross_entropy
from dpo_edu.online import mixed_reference
from dpo_edu.policy_gradient import (
    generalized_advantages,
    group_normalized_advantages,
    importance_second_moment,
    leave_one_out_advantages,
    penalized_reward,
)
from dpo_edu.training.evaluation import loss_floor
from dpo_edu.validation import InputError
from dpo_edu.variants.losses import cdpo_loss, plackett_luce_loss
from dpo_edu.variants.optima import expected_loss

from .good_calls import (
    GOOD,
    MASK,
    POLICY,
    REF,
    REWARD,
    TOKENS,
    bt,
    budget,
    correlation,
    devices,
    displacement,
    distributed,
    div,
    evaluation,
    fit,
    frontier,
    grad,
    inversion,
    ipo,
    judges,
    logistic_regression,
    loss,
    losses,
    mass_ledger,
    misspecification,
    moments,
    optima,
    other_divergences,
    partition_estimates,
    population,
    prefix_tree,
    reinforce,
    reward_model,
    role_in_pairs,
    rounds,
    seq,
    table,
    table_limit,
    tilt,
    tiny,
    world,
    world_batches,
    world_round,
)

SHORT = REF - np.log(2)  # sums to one half
NO_LOGS = [0.5, 0.3, 0.2]  # probabilities where logs belong

WRONG = [
    (bt.logit, "p", [0.5, 1.1]),
    (bt.compose_preferences, "p_ab", [-0.1, 0.5]),
    (bt.cycle_defect, "probabilities", np.full((3, 3), 0.6)),
    (bt.pooled_preferences, "weights", [-1.0, 2.0]),
    (bt.flipped, "preference", 1.2),
    (bt.flipped, "rate", -0.1),
    (bt.pair_marginal, "i", -1),
    (bt.pair_marginal, "j", 3),
    (bt.pair_marginal, "j", 0),  # i is 0 too
    (bt.elo_update, "step", -32.0),
    (fit.negative_log_likelihood, "winners", [0, -1]),
    (fit.negative_log_likelihood, "losers", [0, 3]),
    (fit.negative_log_likelihood, "winners", [0.0, 1.0]),
    (fit.binary_cross_entropy, "label", [2.0, 0.0]),
    (fit.wins_matrix, "items", 2),  # item 2 lost
    (fit.fit_rewards, "ridge", -1.0),
    (fit.zermelo_step, "strengths", [1.0, 1.0, 1.0]),
    (fit.fisher_information, "comparisons", np.triu(np.ones((3, 3)), 1)),
    (fit.standard_errors, "base", 3),
    (logistic_regression.gap_rows, "first", [0, -1]),
    (div.entropy, "p", [0.5, 0.6]),
    (div.total_variation, "p", [2.0, -1.0, 0.0]),
    (div.total_variation, "p", [5.0, 5.0, 5.0]),
    (div.kl_from_logs, "logp", [1.0, 2.0, 0.0]),
    (div.kl_from_logs, "logq", SHORT),
    (div.pinsker_bound, "kl", -1.0),
    (div.bell_family, "width", 0.0),
    (tilt.log_partition, "ref_logp", NO_LOGS),
    (tilt.optimal_logp, "ref_logp", SHORT),
    (tilt.optimal_logp, "reward", [np.inf, 0.0, 0.0]),
    (tilt.expected_reward, "logp", SHORT),
    (tilt.win_rate, "other_logp", NO_LOGS),
    (frontier.beta_sweep, "betas", [0.5, -1.0]),
    (frontier.beta_for_kl, "kl_budget", 100.0),
    (inversion.implicit_reward, "beta", -1.0),
    (inversion.chain_logp, "token_logp", []),
    (inversion.monte_carlo_partition, "sampled_reward", 1.0),
    (other_divergences.alpha_divergence, "alpha", 1.0),
    (partition_estimates.mean_log_estimate, "samples", 1_000),
    (loss.dpo_loss, "label", 2.0),
    (loss.dpo_loss, "label", torch.tensor([0.5, -0.5])),
    (loss.dpo_loss, "beta", 10**400),
    (loss.population_loss, "preference", np.full((3, 3), 1.5)),
    (loss.population_loss, "weight", np.zeros((3, 3))),
    (grad.score, "response", -1),
    (grad.descent_step, "pair", (0, 3)),
    (grad.gradient_flow, "time", -1.0),
    (grad.optimal_gap, "label", 1.5),
    (seq.token_logprobs, "tokens", TOKENS - 1),
    (seq.token_logprobs, "tokens", TOKENS + 1),
    (seq.sequence_logprob, "response_mask", MASK * 7),
    (seq.pad_sequences, "pad", None),
    (seq.pad_sequences, "prompts", [[5], [-6]]),
    (tiny.ModelConfig, "layers", 0),
    (tiny.sample_token, "logits", torch.tensor([[float("nan"), 0.0]])),
    (world.label_pair, "uniform", 1.5),
    (world.sample_responses, "logp", np.stack([SHORT, SHORT])),
    (world.sample_responses, "prompt", [0, -1]),
    (world.soft_labels, "first", [0, 16]),
    (prefix_tree.response_logp, "prompts", [[16]]),
    (evaluation.evaluate, "ref_logp", np.stack([SHORT, SHORT])),
    (evaluation.evaluate, "reward", np.ones((2, 3))),  # nothing to gain
    (world_batches.text_batch, "seed", -1),
    (world_batches.world_data, "device", "gpu"),
    (reward_model.reward_model_loss, "label", -0.1),
    (reinforce.RLSettings, "epsilon", 0.0),
    (moments.moments, "weight", torch.tensor([1.0, 1.0])),
    (moments.leave_one_out_variance, "size", 1),
    (displacement, "logp_before", [-1.0, -2.0]),
    (mass_ledger, "group", [0, -1, 1]),
    (role_in_pairs, "prompt", [0, -1]),
    (role_in_pairs, "prompt", [0]),  # one prompt for two pairs
    (correlation, "first", [1.0, 1.0, 1.0]),
    (table_limit, "component", []),
    (misspecification.averaged_optimum, "length", [1, 0, 2]),
    (misspecification.pooled_policy, "share", [-0.5, 1.5]),
    (losses.orpo_loss, "logp_chosen", [1.0, -1.0]),
    (losses.simpo_loss, "length_chosen", [0, 2]),
    (losses.kto_loss, "weights", (1.0,)),
    (losses.kto_loss, "desirable", [1, 0]),
    (losses.cdpo_loss, "epsilon", 0.6),
    (optima.dpo_gap, "p", 1.5),
    (population.best_log_ratios, "share", [[0.5, 0.6, 0.2]]),
    (table.in_words, "names", "PPO"),
    (rounds.effective_beta, "rounds", 1.5),
    (rounds.mixed_reference, "share", 1.5),
    (judges.slipping, "rate", 1.2),
    (world_round.RoundSettings, "learning_rate", float("nan")),
    (budget.Decoder, "kv_groups", 0),
    (budget.gpu_hours, "utilization", 1.5),
    (devices.choose_device, "name", "gpu"),
    (distributed.share, "rank", 2),
]


@pytest.mark.parametrize(("function", "name", "value"), WRONG)
def test_a_wrong_value_is_refused_by_name(function, name, value):
    arguments = GOOD[function] | {name: value}
    with pytest.raises(InputError) as refusal:
        function(*[value]) if name == "names" else function(**arguments)
    text = str(refusal.value)  # may name another argument, which this one does not fit
    assert any(each in text for each in arguments)
    assert "\n" not in text


# Extremes that have an answer: 0 times infinity is 0 where nothing ever happens


def test_a_response_without_probability_before_can_win_some():
    moved = mass_moved(np.array([0.0, -np.inf]), np.log([0.5, 0.5]))
    np.testing.assert_allclose(moved, [-0.5, 0.5], rtol=1e-12)


def test_what_nobody_says_counts_nothing():
    sure = np.array([[-np.log(2), -np.log(2), -np.inf]])
    assert mean_log_ratios(sure, sure, [[1.0, 0.0, 5.0]]) == (0.0, 0.0)
    assert implicit_reward(-np.inf, -np.inf, 0.5) == 0.0
    paid = penalized_reward(sure, sure, [[1.0, 0.0, 5.0]], 0.5)
    assert paid.tolist() == [[1.0, 0.0, 5.0]]
    assert float(importance_second_moment(sure, sure)) == pytest.approx(1)
    assert float(binary_cross_entropy(1.0, np.inf)) == 0.0


def test_a_sure_label_or_a_sure_rate_ignores_the_other_side():
    assert float(dpo_loss(0.0, -np.inf, -1.0, -1.0, 0.1, label=1.0)) == 0.0
    assert float(cdpo_loss(np.inf, 1.0, 0.0)) == 0.0
    assert float(expected_loss(ipo, 0.5, 1.0)) == pytest.approx(0.0)
    ranking = plackett_luce_loss([[2.0, 1.0, -1e9]], 1.0)
    assert float(ranking) == pytest.approx(np.log1p(np.exp(-1)))


def test_a_reference_that_stays_or_moves_all_the_way_may_forbid_responses():
    sure, other = np.array([0.0, -np.inf]), np.log([0.5, 0.5])
    for share, wanted in ((0.0, sure), (1.0, other)):
        _, reference = mixed_reference(lambda *_: other, share)(other, sure)
        assert reference.tolist() == wanted.tolist()


def test_rewards_far_apart_have_a_loss_floor_of_zero():
    assert loss_floor(np.log([[0.5, 0.5]]), [[0.0, 2_000.0]]) == pytest.approx(
        np.log(2) / 2
    )


def test_whole_numbers_are_rewards_too():
    zero_one = torch.tensor([1, 0, 1])
    wanted = leave_one_out_advantages([1.0, 0.0, 1.0])
    assert torch.equal(leave_one_out_advantages(zero_one), wanted)
    assert group_normalized_advantages(zero_one).dtype == torch.float64
    assert generalized_advantages(zero_one, [0.0, 0.0, 0.0]).dtype == torch.float64
    assert penalized_reward(POLICY, REF, [1, 2, 0], 0.5).equal(
        penalized_reward(POLICY, REF, REWARD, 0.5)
    )


def test_a_nan_in_a_tensor_shows_in_the_result():
    logp = torch.tensor([float("nan"), -1.0])
    assert dpo_loss(logp, logp, logp, logp, 0.1).isnan()
