"""Batches of the world against its words, frequencies, and a list of what may be read.

Training sees pairs and labels only: the imports of its modules are checked too.
"""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import expit
from scipy.stats import chisquare

import dpo_edu
from dpo_edu.preference_world import EOS, PROMPTS, WORDS, build_world, sample_pairs
from dpo_edu.preference_world import reward as reward_of_words
from dpo_edu.training.world_batches import (
    compared_batch,
    epoch_batch,
    pair_batch,
    text_batch,
    world_data,
)

from .small_world import DATA, LOGP, WORLD

RESPONSES = len(WORLD.responses)


def in_words(tokens, mask):
    """A row of a batch as (prompt, response), and whether it ends with <eos>."""
    start = int(mask.nonzero()[0])
    response = [int(token) for token in tokens[mask]]
    words = [WORDS[token] for token in response if token != EOS]
    prompt = " ".join(WORDS[token] for token in tokens[:start])
    return prompt, " ".join(words), response[-1] == EOS


# Sequences


@pytest.mark.parametrize("cap", [2, 3])
def test_every_row_is_its_prompt_and_response(cap):
    world = build_world(cap)
    data = world_data(world)
    for prompt in range(8):
        for response in np.random.default_rng(prompt).integers(
            len(world.responses), size=9
        ):
            row = int(data.rows(prompt, response))
            assert row == prompt * len(world.responses) + response
            said = world.text(response)
            ends = len(said.split()) < cap  # at the cap <eos> is forced, not a token
            wanted = PROMPTS[prompt], said, ends
            assert in_words(data.tokens[row], data.mask[row]) == wanted


def test_rows_of_arrays_are_rows_of_their_entries():
    prompt, response = np.array([[0, 7], [3, 3]]), np.array([[5, 0], [240, 1]])
    assert DATA.rows(prompt, response).tolist() == [[5, 7 * 241], [3 * 241 + 240, 724]]


def test_precision_is_the_one_asked_for():
    for dtype in (torch.float32, torch.float64):
        data = world_data(WORLD, dtype=dtype)
        batch = compared_batch(data, LOGP, group_size=3, seed=0, step=0)
        assert batch.ref_logp.dtype == batch.label.dtype == dtype


# Texts


def test_texts_follow_the_writers():
    draws = 40_000
    tokens, mask = text_batch(DATA, LOGP, draws, seed=0, step=0)
    rows = {tuple(row): number for number, row in enumerate(DATA.tokens.tolist())}
    seen = np.bincount(
        [rows[tuple(row)] for row in tokens.tolist()], minlength=8 * RESPONSES
    )
    assert torch.equal(mask.sum(-1) > 0, torch.ones(draws, dtype=torch.bool))
    wanted = draws * np.exp(LOGP).ravel() / 8
    often = wanted > 20
    assert chisquare([*seen[often], seen[~often].sum()],
                     [*wanted[often], wanted[~often].sum()]).pvalue > 0.001  # fmt: skip


def batches(seed, step):
    pairs = sample_pairs(WORLD, LOGP, 30, np.random.default_rng(9))
    return (
        text_batch(DATA, LOGP, 6, seed, step),
        compared_batch(DATA, LOGP, 4, seed, step),
        epoch_batch(DATA, pairs, LOGP, 8, seed, step),
    )


def test_a_batch_depends_on_seed_and_step_alone():
    for one, same, later, other in zip(
        batches(0, 5), batches(0, 5), batches(0, 6), batches(1, 5), strict=True
    ):
        assert all(map(torch.equal, one, same))
        assert not torch.equal(one[0], later[0])
        assert not torch.equal(one[0], other[0])


# Compared responses


@pytest.mark.parametrize("group", [2, 3, 5])
def test_every_pair_of_a_group_is_compared_once(group):
    batch = compared_batch(DATA, LOGP, group, seed=0, step=0)
    assert len(batch.label) == 8 * group * (group - 1) // 2
    rows = [in_words(*row) for row in zip(batch.tokens, batch.mask, strict=True)]
    for place, prompt in enumerate(np.repeat(PROMPTS, group * (group - 1) // 2)):
        chosen, rejected = rows[batch.chosen[place]], rows[batch.rejected[place]]
        assert chosen[0] == rejected[0] == prompt
        gap = reward_of_words(prompt, chosen[1]) - reward_of_words(prompt, rejected[1])
        assert gap >= 0
        assert batch.label[place].item() == pytest.approx(expit(gap), rel=1e-14)


def test_a_group_is_independent_draws_of_the_reference():
    counts = np.zeros(8 * RESPONSES)
    for step in range(300):
        batch = compared_batch(DATA, LOGP, 2, seed=0, step=step)
        for side in (batch.chosen, batch.rejected):
            for row in batch.tokens[side]:
                counts[ROW_OF[tuple(row.tolist())]] += 1
    wanted = 300 * 2 * np.exp(LOGP).ravel()
    often = wanted > 10
    assert chisquare([*counts[often], counts[~often].sum()],
                     [*wanted[often], wanted[~often].sum()]).pvalue > 0.001  # fmt: skip


ROW_OF = {tuple(row): number for number, row in enumerate(DATA.tokens.tolist())}


def test_reference_values_belong_to_their_sequences_and_none_is_there_twice():
    batch = compared_batch(DATA, LOGP, 8, seed=0, step=1)
    numbers = [ROW_OF[tuple(row)] for row in batch.tokens.tolist()]
    assert len(set(numbers)) == len(numbers)
    assert batch.ref_logp.tolist() == LOGP.ravel()[numbers].tolist()
    assert torch.equal(batch.mask, DATA.mask[numbers])


# A fixed set of pairs


def test_pairs_keep_their_order_and_sides():
    pairs = sample_pairs(WORLD, LOGP, 40, np.random.default_rng(0))
    batch = pair_batch(DATA, pairs, LOGP)
    for rows, numbers in (
        (batch.chosen, pairs.chosen),
        (batch.rejected, pairs.rejected),
    ):
        wanted = DATA.tokens[DATA.rows(pairs.prompt, numbers)]
        assert torch.equal(batch.tokens[rows], wanted)
    assert batch.label.tolist() == pairs.label.tolist()


@pytest.mark.parametrize(("count", "size"), [(30, 8), (24, 8), (5, 8), (7, 1)])
def test_an_epoch_shows_every_pair_once_and_the_next_in_another_order(count, size):
    pairs = sample_pairs(WORLD, LOGP, count, np.random.default_rng(0))
    pairs = pairs._replace(label=np.linspace(0.5, 1, count))  # names each pair
    steps = -(-count // size)
    epochs = [
        [
            epoch_batch(DATA, pairs, LOGP, size, 0, epoch * steps + step).label
            for step in range(steps)
        ]
        for epoch in range(2)
    ]
    shown = [torch.cat(epoch).tolist() for epoch in epochs]
    assert sorted(shown[0]) == sorted(shown[1]) == pairs.label.tolist()
    assert shown[0] != shown[1]
    assert [len(part) for part in epochs[0]] == [
        min(size, count - start) for start in range(0, count, size)
    ]


# What training may read


def imported_by(module, seen=()):
    """All modules of the package that ``module`` imports, directly or not."""
    path = Path(dpo_edu.__file__).parent.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    home = path.relative_to(Path(dpo_edu.__file__).parent).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = home[: len(home) - node.level + 1]
            names = [node.module] if node.module else [a.name for a in node.names]
            for name in names:
                whole = ".".join((*base, name))
                if whole not in seen:
                    seen = imported_by(whole, (*seen, whole))
        assert not (isinstance(node, ast.Import) and "dpo_edu" in ast.dump(node))
    return seen


@pytest.mark.parametrize(
    "module",
    [
        "training.scoring",
        "training.loop",
        "training.world_batches",
        "training.world_run",
        "own_data.batches",
        "preference_world.prefix_tree",
        "preference_world.writers",
    ],
)
def test_training_never_reads_the_optimum(module):
    reached = set(imported_by(module))
    assert not {"boltzmann", "training.evaluation", "cancellation"} & reached


@pytest.mark.parametrize(
    "module", ["training.loop", "own_data.batches", "preference_world.prefix_tree"]
)
def test_training_does_not_know_the_world_or_its_rewards(module):
    assert "preference_world" not in imported_by(module)
