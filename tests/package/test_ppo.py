"""The loops of RLHF against enumeration: expectations summed, not sampled.

A policy with a head of zeros says every token with probability 1/16, so a batch that
holds each response as often as it occurs in 256 is the exact expectation.
"""

from copy import deepcopy

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from dpo_edu.boltzmann import objective, optimal_logp
from dpo_edu.experiments.grid import stored
from dpo_edu.experiments.policy_gradient.plan import SEEDS
from dpo_edu.policy_gradient.cost import (
    GRPO,
    PAIR,
    REINFORCE,
    SAY,
    best_of,
    cost,
    ppo,
)
from dpo_edu.policy_gradient.ppo import ActorCritic, appraise, ppo_loss, train_ppo
from dpo_edu.policy_gradient.reinforce import reinforce_loss, train_reinforce
from dpo_edu.policy_gradient.reward_model import reward_pair_loss, with_scalar_head
from dpo_edu.policy_gradient.rollout import (
    Responses,
    RLSettings,
    generate,
    make_task,
    sample_words,
    token_scores,
)
from dpo_edu.preference_world import build_world
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import Schedule, model_logp, pair_loss
from dpo_edu.training.evaluation import evaluate
from dpo_edu.training.world_batches import compared_batch, world_data
from dpo_edu.training.world_run import policy_logp

from .small_world import DATA, LOGP, WORLD, fresh_model

PROMPTS, RESPONSES = WORLD.reward.shape
OFTEN = [16] + [1] * (RESPONSES - 1)  # the empty response has one token, others two
STILL, SIX = Schedule(steps=1, learning_rate=0.0), Schedule(6, 1e-2)


def model(seed=0):
    return fresh_model(seed, width=16, std=0.3)


def even_model(seed=0):
    fresh = model(seed)
    nn.init.zeros_(fresh.head.weight)
    return fresh


def task(reference=None, reward=WORLD.reward):
    return make_task(DATA, reference or model(1), reward)


def exact_gradient(policy, wanted, beta):
    """Gradient of the mean over prompts of E[r] - beta KL, by autograd on all of it."""
    logp = model_logp(policy, wanted.data.tokens, wanted.data.mask)
    logp = logp.view(PROMPTS, -1)
    ref_logp = wanted.ref_logp.sum(-1).view(PROMPTS, -1)
    worth = wanted.reward.view(PROMPTS, -1) - beta * (logp - ref_logp)
    value = (logp.exp() * worth).sum(-1).mean()
    return torch.autograd.grad(value, [*policy.parameters()])


def gradient(loss, of):
    found = torch.autograd.grad(loss, [*of.parameters()], allow_unused=True)
    return [g for g in found if g is not None]


def assert_opposite(found, wanted, factor=1.0):
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(-factor * one, other, rtol=1e-9, atol=1e-12)


# Said word by word


class Parrot(nn.Module):
    """Says one sequence of tokens after a prompt of one word, whatever else."""

    def __init__(self, tokens):
        super().__init__()
        self.said = tokens

    def forward(self, tokens):
        logits = torch.full((*tokens.shape, 16), -100.0)
        for place, token in enumerate(self.said):
            if place < tokens.shape[1]:
                logits[:, place, token] = 100.0
        return logits


@pytest.mark.parametrize("text", ["", "tea", "awful", "very good", "tea tea", "not is"])
def test_a_response_gets_its_number(text):
    words = WORLD.responses[WORLD.number(text)]
    parrot = Parrot([*words, 15] if len(words) < 2 else words)
    numbers = sample_words(parrot, DATA, np.array([0, 1, 2]), torch.Generator())
    assert numbers.tolist() == [WORLD.number(text)] * 3


def test_frequencies_are_the_policy_s_probabilities():
    policy, generator = model(), torch.Generator().manual_seed(0)
    prompt = np.array([0, 4]).repeat(20_000)
    numbers = sample_words(policy, DATA, prompt, generator)
    for row in (0, 4):
        expected = 20_000 * np.exp(policy_logp(policy, WORLD)[row])
        seen = np.bincount(numbers[prompt == row], minlength=RESPONSES)
        assert stats.chisquare(seen, expected).pvalue > 1e-3


def test_token_scores_sum_to_the_sequence():
    policy = model()
    each = token_scores(policy(DATA.tokens[:, :-1]), DATA.tokens, DATA.mask)
    assert not each[~DATA.mask].any()
    torch.testing.assert_close(each.sum(-1), model_logp(policy, DATA.tokens, DATA.mask))


def test_generate_looks_up_what_belongs_to_each_response():
    reference, wanted = model(1), task()
    found = generate(model(), wanted, 3, torch.Generator().manual_seed(0))
    score = model_logp(reference, found.tokens, found.mask)
    torch.testing.assert_close(found.ref_logp.sum(-1), score)
    for row in range(len(found.tokens)):
        words = found.tokens[row][found.mask[row]].tolist()
        number = WORLD.responses.index(tuple(w for w in words if w != 15))
        assert found.tokens[row, 0] == WORLD.prompts[row // 3][0]
        assert found.reward[row] == WORLD.reward[row // 3, number]


# The first gradient, in expectation


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_reinforce_follows_the_exact_gradient(beta):
    """One word at most: all 16 x 16 groups of 2 responses, each as likely."""
    short = world_data(build_world(1))
    config = ModelConfig(16, short.tokens.shape[1], width=16)
    policy, reference = (TinyTransformer(config).double() for _ in range(2))
    nn.init.zeros_(policy.head.weight)
    wanted = make_task(short, reference, short.world.reward)
    pairs = torch.cartesian_prod(torch.arange(16), torch.arange(16)).flatten()
    rows = torch.cat([prompt * 16 + pairs for prompt in range(PROMPTS)])
    tables = short.tokens, short.mask, wanted.ref_logp, wanted.reward
    batch = Responses(*(table[rows] for table in tables))
    found = gradient(
        reinforce_loss(policy, batch, RLSettings(STILL, beta, group_size=2)), policy
    )
    assert_opposite(found, exact_gradient(policy, wanted, beta))


def all_said(wanted) -> Responses:
    """Every response as often as it is said in 256 times, to every prompt."""
    rows = torch.arange(RESPONSES).repeat_interleave(torch.tensor(OFTEN))
    every = torch.cat([prompt * RESPONSES + rows for prompt in range(PROMPTS)])
    tables = DATA.tokens, DATA.mask, wanted.ref_logp, wanted.reward
    return Responses(*(table[every] for table in tables))


@pytest.mark.parametrize("beta", [0.3, 1.0])
@pytest.mark.parametrize("value", [0.0, 1.0], ids=["value 0", "any value"])
def test_ppo_starts_along_the_exact_gradient(beta, value):
    """Rewards still to come, less any value of what was said: the mean is the same."""
    ours, wanted = ActorCritic(even_model()), task()
    nn.init.normal_(ours.value.weight, std=value)
    batch_of_all = all_said(wanted)
    settings = RLSettings(STILL, beta, decay=1.0, value_weight=0.0)
    batch = appraise(ours, batch_of_all, settings)
    found = gradient(ppo_loss(ours, batch, settings), ours)
    tokens_each = batch_of_all.mask.sum() / len(batch_of_all.mask)  # a mean over tokens
    plain = even_model()
    wanted_gradient = exact_gradient(plain, wanted, beta)
    names = [name for name, _ in plain.named_parameters()]
    order = [f"body.{n}" if n != "head.weight" else "words.weight" for n in names]
    mine = dict(zip((n for n, _ in ours.named_parameters()), found, strict=False))
    assert_opposite([mine[n] for n in order], wanted_gradient, tokens_each)


def test_no_gradient_is_left_at_the_optimum():
    """Where r = beta log(pi / pi_ref) + constant, every single advantage is 0."""
    policy, reference, beta = model(), model(1), 0.7
    logp, ref_logp = (policy_logp(m, WORLD) for m in (policy, reference))
    reward = beta * (logp - ref_logp) + np.arange(PROMPTS)[:, None]
    wanted, generator = task(reference, reward), torch.Generator().manual_seed(0)
    batch = generate(policy, wanted, 4, generator)
    left = gradient(
        reinforce_loss(policy, batch, RLSettings(STILL, beta, group_size=4)), policy
    )
    assert max(value.abs().max() for value in left) < 1e-12


# PPO's parts


def some_batch(decay=0.95):
    ours = ActorCritic(model())
    nn.init.normal_(ours.value.weight)
    wanted, generator = task(), torch.Generator().manual_seed(0)
    settings = RLSettings(STILL, beta=0.5, group_size=4, decay=decay)
    found = generate(ours, wanted, 4, generator)
    return ours, found, settings, appraise(ours, found, settings)


def test_an_actor_critic_is_its_start_to_those_who_ask_for_words():
    start = model()
    ours = ActorCritic(start)
    torch.testing.assert_close(ours(DATA.tokens[:50]), start(DATA.tokens[:50]))
    logp, value = ours.judge(DATA.tokens[:50], DATA.mask[:50])
    torch.testing.assert_close(
        logp.sum(-1), model_logp(start, DATA.tokens[:50], DATA.mask[:50])
    )
    assert not value.any()
    assert isinstance(start.head, nn.Linear)


@pytest.mark.parametrize("decay", [0.0, 0.6, 1.0])
def test_advantages_by_their_definition(decay):
    ours, found, _, batch = some_batch(decay)
    logp, value = ours.judge(found.tokens, found.mask)
    for row in range(len(found.tokens)):
        here = torch.nonzero(found.mask[row])[:, 0].tolist()
        pay = [-0.5 * (logp - found.ref_logp)[row, t].item() for t in here]
        pay[-1] += found.reward[row].item()
        worth = [*(value[row, t].item() for t in here), 0.0]
        delta = [pay[k] + worth[k + 1] - worth[k] for k in range(len(here))]
        for k, t in enumerate(here):
            wanted = sum(decay ** (j - k) * delta[j] for j in range(k, len(here)))
            assert batch.advantage[row, t].item() == pytest.approx(wanted, abs=1e-12)
            target = wanted + worth[k]
            assert batch.target[row, t].item() == pytest.approx(target, abs=1e-12)


def test_the_value_of_a_place_does_not_see_the_word_said_there():
    ours = ActorCritic(model())
    nn.init.normal_(ours.value.weight)
    tokens, mask = DATA.tokens[100:101], DATA.mask[100:101]
    first = int(mask[0].long().argmax())
    other = tokens.clone()
    other[0, first] = (tokens[0, first] + 1) % 15
    before, after = ours.judge(tokens, mask)[1], ours.judge(other, mask)[1]
    assert before[0, first] == after[0, first]
    assert before[0, first + 1] != after[0, first + 1]


def test_the_first_ppo_loss_is_made_of_advantages():
    ours, found, settings, batch = some_batch()
    advantage = batch.advantage[found.mask]
    wanted = settings.value_weight * advantage.square().mean() - advantage.mean()
    assert ppo_loss(ours, batch, settings).item() == pytest.approx(wanted.item())


def test_tokens_beyond_the_clip_have_no_pull():
    ours, _, _, batch = some_batch()
    far = batch._replace(logp=batch.logp - 1, advantage=batch.advantage.abs())
    settings = RLSettings(STILL, value_weight=0.0)
    left = gradient(ppo_loss(ours, far, settings), ours)
    assert not any(value.any() for value in left)


# Whole runs


def share(policy, reference):
    logp, ref_logp = (policy_logp(m, WORLD) for m in (policy, reference))
    return evaluate(logp, ref_logp, WORLD.reward, 1.0).share


RUNS = {
    "REINFORCE": (train_reinforce, RLSettings(Schedule(140, 1e-2))),
    "PPO": (train_ppo, RLSettings(Schedule(300, 1e-2))),
}


@pytest.mark.parametrize("name", RUNS)
def test_with_the_true_reward_the_optimum_is_near(name):
    train, settings = RUNS[name]
    reference = model(1)
    seen = []
    policy = train(reference, task(reference), settings, seen.append)
    assert [report.step for report in seen] == [*range(settings.schedule.steps)]
    assert seen[0].model is policy
    assert share(policy, reference) > 0.8  # 0 before, 1 at pi*
    best = optimal_logp(policy_logp(reference, WORLD), WORLD.reward, 1.0)
    top = objective(best, policy_logp(reference, WORLD), WORLD.reward, 1.0)
    mine = policy_logp(policy, WORLD)
    here = objective(mine, policy_logp(reference, WORLD), WORLD.reward, 1.0)
    assert (here < top).all()


@pytest.mark.parametrize("train", [train_reinforce, train_ppo])
def test_the_record_of_a_step_holds_floats(train):
    settings, seen = RLSettings(Schedule(3, 1e-2), group_size=2), []
    reference = model(1)
    train(reference, task(reference), settings, seen.append)
    assert {type(report.record["reward"]) for report in seen} == {float}


def test_ppo_uses_a_batch_as_often_as_it_is_told():
    settings, seen = RLSettings(Schedule(8, 1e-2), group_size=4, reuse=3), []
    reference = model(1)
    train_ppo(reference, task(reference), settings, seen.append)
    rewards = [report.record["reward"] for report in seen]
    first, second, third = rewards[::3]
    assert rewards == [first] * 3 + [second] * 3 + [third] * 2
    assert len({first, second, third}) == 3


@pytest.mark.parametrize("train", [train_reinforce, train_ppo])
def test_a_seed_decides_a_run(train):
    reference = model(1)
    before = deepcopy(reference.state_dict())
    many = [
        RLSettings(Schedule(6, 1e-2), group_size=2, seed=seed) for seed in (0, 0, 1)
    ]
    one, same, other = (train(reference, task(reference), c) for c in many)
    pairs = zip(one.parameters(), same.parameters(), other.parameters(), strict=True)
    equal = [(torch.equal(a, b), torch.equal(a, c)) for a, b, c in pairs]
    assert all(first for first, _ in equal)
    assert not all(second for _, second in equal)
    assert all(torch.equal(before[n], v) for n, v in reference.state_dict().items())


# Passes


def count(run, *modules):
    """Rows that went forward and backward through the modules while ``run()``."""
    rows = [0, 0]

    def forward(module, inputs, output):
        rows[0] += len(inputs[0])

    def backward(module, into, out):
        rows[1] += len(out[0])

    hooks = [m.register_forward_hook(forward) for m in modules]
    hooks += [m.register_full_backward_hook(backward) for m in modules]
    loss = run()
    loss.backward()
    for hook in hooks:
        hook.remove()
    return rows


def test_a_pair_costs_two_passes_each_way():
    batch = compared_batch(DATA, LOGP, 2, seed=0, step=3)
    assert len(batch.tokens) == 2 * len(batch.chosen)  # no response twice
    scorer, policy = with_scalar_head(model()), model()
    for learner, run in (
        (scorer.blocks, lambda: reward_pair_loss(scorer, batch)[0]),
        (policy.blocks, lambda: pair_loss(policy, batch, 1.0)[0]),
    ):
        assert cost(*count(run, learner)) == PAIR * len(batch.chosen)


def test_a_response_is_said_in_a_pass_per_word():
    world = world_data(build_world())  # of three words a response, as all runs
    config = ModelConfig(16, world.tokens.shape[1], width=16)
    policy, rows = TinyTransformer(config).double(), [0]
    policy.blocks.register_forward_hook(lambda *a: rows.__setitem__(0, rows[0] + 5))
    sample_words(policy, world, np.zeros(5, dtype=int), torch.Generator())
    assert rows[0] == 5 * SAY


def test_passes_of_a_response():
    """Said, scored by two models, and what is counted here."""
    ours, found, settings, batch = some_batch()
    rows, policy, twice = len(found.tokens), model(), cost(forward=2)
    run = count(lambda: reinforce_loss(policy, found, settings), policy.blocks)
    assert cost(*run) + (SAY + twice) * rows == REINFORCE * rows == GRPO * rows

    def reused():
        appraise(ours, found, settings)
        return sum(ppo_loss(ours, batch, settings) for _ in range(3))

    run = count(reused, ours.body.blocks)
    assert cost(*run) + (SAY + twice) * rows == ppo(reuse=3) * rows
    assert best_of(8) == 8 * (SAY + 1)


def test_the_runs_are_about_as_long_as_the_held_out_loss_wants():
    """Against half and twice as long, on a draw of pairs that judges no run."""
    rows = stored("policy_gradient")["lengths"]
    assert {row["seed"] for row in rows}.isdisjoint(SEEDS)
    for pairs in {row["pairs"] for row in rows}:
        of = {row["length"]: row for row in rows if row["pairs"] == pairs}
        assert set(of) == {0.5, 1, 2}
        for method in ("DPO", "RM"):
            losses = {length: row[method] for length, row in of.items()}
            assert losses[1] < min(losses.values()) + 0.03
