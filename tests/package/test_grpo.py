"""GRPO against enumeration: the mean step of each form, and where the steps end."""

from itertools import product

import numpy as np
import pytest
import torch

from dpo_edu.boltzmann import expected_reward, optimal_logp
from dpo_edu.divergence import kl_from_logs
from dpo_edu.experiments.grid import stored
from dpo_edu.experiments.policy_gradient.plan import SEEDS
from dpo_edu.experiments.policy_gradient.rest import AT_REST, BETAS
from dpo_edu.policy_gradient import (
    group_centered_advantages,
    group_normalized_advantages,
)
from dpo_edu.policy_gradient.frontier_distance import nats_off_frontier
from dpo_edu.policy_gradient.grpo import (
    FORMS,
    Form,
    Groups,
    appraise_groups,
    grpo_loss,
    train_grpo,
)
from dpo_edu.policy_gradient.grpo_optimum import (
    forward_kl_optimal_logp,
    grpo_optimal_logp,
)
from dpo_edu.policy_gradient.moments import group_moments
from dpo_edu.policy_gradient.rollout import Responses, RLSettings, generate
from dpo_edu.training import Schedule, model_logp
from dpo_edu.training.scoring import PairBatch, pair_loss
from dpo_edu.training.world_run import policy_logp
from dpo_edu.validation import InputError

from .comparing import near
from .small_world import DATA, WORLD
from .test_ppo import (
    OFTEN,
    PROMPTS,
    RESPONSES,
    SIX,
    STILL,
    all_said,
    assert_opposite,
    even_model,
    gradient,
    model,
    share,
    task,
)

LENGTHS = DATA.mask.sum(-1).view(PROMPTS, -1)  # tokens of each response
FREE = RLSettings(STILL, beta=1e-300, group_size=2)  # in effect without a penalty


def mean_advantages(form: Form) -> torch.Tensor:
    """Of each response beside another one of the even policy, by plain numpy."""
    reward = WORLD.reward
    gap = reward[:, :, None] - reward[:, None, :]  # (P, R, R)
    pair = np.sign(gap) if form.by_deviation else gap / 2
    return torch.as_tensor(pair @ (np.array(OFTEN) / 256))  # (P, R)


def on_all(form: Form, wanted) -> Groups:
    """Every response of the even policy, with the mean advantage over its partners."""
    rows = torch.arange(RESPONSES).repeat_interleave(torch.tensor(OFTEN))
    return Groups(all_said(wanted), mean_advantages(form)[:, rows].flatten(), None)


@pytest.mark.parametrize("name", FORMS)
def test_the_mean_step_of_each_form_by_enumeration(name):
    """The sum over all responses of probability, weight and score, by autograd."""
    form, policy, wanted = FORMS[name], even_model(), task()
    found = gradient(grpo_loss(policy, on_all(form, wanted), FREE, form), policy)
    logp = model_logp(policy, DATA.tokens, DATA.mask).view(PROMPTS, -1)
    weight = logp.detach().exp() * mean_advantages(form)
    weight = weight / LENGTHS if form.by_length else weight
    value = (weight * logp).sum(-1).mean()
    assert_opposite(found, torch.autograd.grad(value, [*policy.parameters()]))


def test_dr_grpo_without_a_penalty_is_half_the_policy_gradient_in_pairs():
    policy, wanted, form = even_model(), task(), FORMS["Dr. GRPO"]
    found = gradient(grpo_loss(policy, on_all(form, wanted), FREE, form), policy)
    logp = model_logp(policy, DATA.tokens, DATA.mask).view(PROMPTS, -1)
    value = (logp.exp() * torch.as_tensor(WORLD.reward)).sum(-1).mean()
    exact = torch.autograd.grad(value, [*policy.parameters()])
    assert_opposite(found, exact, factor=2.0)


def test_the_penalty_pulls_as_the_other_kl_does():
    """Its mean gradient is that of KL(ref || pi) at each prefix the policy writes."""
    policy, reference, form = even_model(), model(1), FORMS["Dr. GRPO"]
    wanted, beta = task(reference), 0.7
    groups = on_all(form, wanted)
    nothing = groups._replace(advantage=torch.zeros_like(groups.advantage))
    found = gradient(grpo_loss(policy, nothing, RLSettings(STILL, beta), form), policy)
    value = 0.0
    for prompt in WORLD.prompts:
        for prefix in [(), *((word,) for word in range(15))]:
            text = torch.tensor([[*prompt, *prefix]])
            logp, ref_logp = (
                m(text)[0, -1].log_softmax(-1) for m in (policy, reference)
            )
            weight = 1.0 if not prefix else 1 / 16  # the even policy's
            value = value - weight * (ref_logp.exp() * (ref_logp - logp)).sum()
    exact = torch.autograd.grad(beta * value / PROMPTS, [*policy.parameters()])
    assert_opposite(found, exact)


@pytest.mark.parametrize("name", FORMS)
def test_moments_of_a_group_say_the_same(name):
    form = FORMS[name]
    logp = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).log()
    reward = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64)
    length = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    pi, mean = logp.exp().numpy(), np.zeros(3)
    for one in range(3):
        for other in range(3):
            gap = float(reward[one] - reward[other])
            pull = (np.sign(gap) if form.by_deviation else gap / 2) * (
                np.eye(3)[one] - pi
            )
            share_of = 1 / float(length[one]) if form.by_length else 1.0
            mean += pi[one] * pi[other] * share_of * pull
    advantages = (
        group_normalized_advantages if form.by_deviation else group_centered_advantages
    )
    ours = group_moments(
        logp, reward, 2, advantages, length if form.by_length else 1.0
    ).mean
    assert ours == near(mean)


def test_a_length_must_be_positive():
    logp = torch.tensor([0.5, 0.5]).log()
    with pytest.raises(InputError, match="length"):
        group_moments(logp, [0.0, 1.0], 2, group_centered_advantages, [1.0, 0.0])


# Two samples: a pair


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_two_samples_pull_as_dpo_does_in_its_first_step(beta):
    """GRPO: half the sign times the difference of scores. DPO starts at beta / 2."""
    reference = policy = model()
    logp = torch.as_tensor(policy_logp(reference, WORLD))
    better, worse = int(WORLD.reward[0].argmax()), int(WORLD.reward[0].argmin())
    rows, wanted, form = (
        torch.tensor([better, worse]),
        task(reference),
        Form(True, False),
    )
    tables = DATA.tokens, DATA.mask, wanted.ref_logp, wanted.reward
    responses = Responses(*(table[rows] for table in tables))
    pair = appraise_groups(
        policy, responses, RLSettings(STILL, group_size=2, reuse=1), form
    )
    assert pair.advantage.tolist() == [1.0, -1.0]
    found = gradient(grpo_loss(policy, pair, FREE, form), policy)
    batch = PairBatch(
        DATA.tokens[rows],
        DATA.mask[rows],
        logp[0, rows],
        torch.tensor([0]),
        torch.tensor([1]),
        torch.ones(1, dtype=torch.float64),
    )
    dpo = gradient(pair_loss(policy, batch, beta)[0], policy)
    for one, other in zip(found, dpo, strict=True):
        torch.testing.assert_close(beta * one, other, rtol=1e-9, atol=1e-12)


# Its parts


@pytest.mark.parametrize("name", FORMS)
def test_advantages_stay_within_their_group(name):
    policy, wanted, form = model(), task(), FORMS[name]
    found = generate(policy, wanted, 4, torch.Generator().manual_seed(0))
    groups = appraise_groups(policy, found, RLSettings(STILL, group_size=4), form)
    for start in range(0, len(found.reward), 4):
        reward = found.reward[start : start + 4].numpy()
        centered = reward - reward.mean()
        scale = reward.std() if form.by_deviation and reward.std() else 1.0
        assert groups.advantage[start : start + 4] == near(centered / scale)
    score = model_logp(policy, found.tokens, found.mask)
    assert groups.logp.sum(-1) == near(score.detach())


def test_tokens_beyond_the_clip_have_no_pull():
    policy, wanted, form = model(), task(), FORMS["GRPO"]
    found = generate(policy, wanted, 4, torch.Generator().manual_seed(0))
    groups = appraise_groups(policy, found, RLSettings(STILL, group_size=4), form)
    far = groups._replace(logp=groups.logp - 1, advantage=groups.advantage.abs())
    left = gradient(grpo_loss(policy, far, FREE, form), policy)
    assert max(value.abs().max() for value in left) < 1e-200


def test_one_step_per_batch_asks_no_old_policy():
    policy, wanted, form = model(), task(), FORMS["GRPO"]
    found = generate(policy, wanted, 4, torch.Generator().manual_seed(0))
    once = RLSettings(STILL, group_size=4, reuse=1)
    groups = appraise_groups(policy, found, once, form)
    again = appraise_groups(policy, found, RLSettings(STILL, group_size=4), form)
    assert groups.logp is None
    losses = [grpo_loss(policy, each, once, form) for each in (groups, again)]
    assert losses[0].item() == pytest.approx(losses[1].item())


def test_a_batch_is_used_as_often_as_it_is_told():
    reference, seen = model(1), []
    settings = RLSettings(SIX, group_size=4, reuse=3)
    train_grpo(reference, task(reference), settings, seen.append)
    rewards = [report.record["reward"] for report in seen]
    assert rewards == [rewards[0]] * 3 + [rewards[3]] * 3
    assert rewards[0] != rewards[3]


def test_groups_must_be_whole():
    policy, wanted = model(), task()
    found = generate(policy, wanted, 3, torch.Generator().manual_seed(0))
    with pytest.raises(InputError, match="groups"):
        appraise_groups(policy, found, RLSettings(STILL, group_size=16), Form())


def test_with_the_true_reward_it_comes_near():
    reference = model(1)
    settings = RLSettings(Schedule(140, 1e-2), reuse=1)
    policy = train_grpo(reference, task(reference), settings, form=FORMS["Dr. GRPO"])
    assert share(policy, reference) > 0.7


# Where it comes to rest

REF = np.log(np.random.default_rng(0).dirichlet(np.ones(6), size=2))
REWARD = np.random.default_rng(1).normal(size=(2, 6))


@pytest.mark.parametrize("beta", [0.05, 0.5, 3.0])
def test_no_step_is_left_where_it_rests(beta):
    """The mean step in the logits: pi (r - E r) / deviation + beta (ref - pi)."""
    pi = np.exp(grpo_optimal_logp(REF, REWARD, beta))
    centered = REWARD - (pi * REWARD).sum(-1, keepdims=True)
    deviation = np.sqrt((pi * centered**2).sum(-1, keepdims=True))
    assert pi.sum(-1) == near(np.ones(2))
    assert pi * centered / deviation == near(beta * (pi - np.exp(REF)), 1e-9)


@pytest.mark.parametrize("beta", [0.05, 0.5, 3.0])
def test_nothing_near_has_more_reward_less_the_other_kl(beta):
    def value(logp):
        return expected_reward(logp, REWARD) - beta * kl_from_logs(REF, logp)

    best = forward_kl_optimal_logp(REF, REWARD, beta)
    for seed in range(20):
        noise = 0.1 * np.random.default_rng(seed).normal(size=REF.shape)
        other = best + noise
        other -= np.log(np.exp(other).sum(-1, keepdims=True))
        assert (value(other) < value(best)).all()


def test_it_rests_off_the_frontier_and_on_it_for_large_beta():
    off = [
        nats_off_frontier(grpo_optimal_logp(REF, REWARD, b), REF, REWARD)
        for b in (0.3, 30.0)
    ]
    assert off[0] > 0.01
    assert off[1] < 1e-4
    far = optimal_logp(REF, REWARD, 0.3)
    assert nats_off_frontier(far, REF, REWARD) == near(0.0)


def test_equal_rewards_leave_the_reference():
    assert grpo_optimal_logp(REF, np.ones((2, 6)), 0.5) == near(REF)


STORED = stored("policy_gradient")


def test_what_is_enumerated_is_there_for_every_draw_of_pairs():
    found = {
        (row["kind"], round(row["beta"], 6), row["seed"]) for row in STORED["rest"]
    }
    betas = [round(beta, 6) for beta in BETAS]
    assert found == set(product(AT_REST, betas, SEEDS))


def test_the_optimum_enumerated_twice_is_the_same():
    """Fitted on the machine that made the grid, and on the one that made "rest"."""
    wanted = {"method": "exact", "beta": 1.0, "pairs": 5_000, "extra": 0}
    runs = [run for run in STORED["runs"] if wanted.items() <= run.items()]
    for run in runs:
        (row,) = (
            row
            for row in STORED["rest"]
            if (row["kind"], row["beta"], row["seed"]) == ("exact", 1.0, run["seed"])
        )
        assert row["share"] == near(run["share"], 1e-3)


def test_a_greedy_corner_costs_little_of_the_other_kl():
    """One rare answer of the largest reward takes nearly all, unless rewards tie."""
    ref_logp = np.log([[1e-4, 0.4999, 0.5]])
    alone = np.exp(forward_kl_optimal_logp(ref_logp, [[3.0, 1.0, 0.0]], 1.0))
    tilted = np.exp(optimal_logp(ref_logp, [[3.0, 1.0, 0.0]], 1.0))
    assert alone[0, 0] > 0.4
    assert tilted[0, 0] < 0.01
