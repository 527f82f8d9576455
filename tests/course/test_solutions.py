"""Every solution, slow and obvious, equals the package's function of that name."""

import importlib
import inspect
import itertools

import numpy as np
import pytest

from dpo_edu import (
    boltzmann,
    cancellation,
    divergence,
    dpo_gradient,
    likelihood,
    online,
    preference_world,
)
from dpo_edu.policy_gradient.reward_model import reward_model_loss
from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.observations import alike, encode, within
from dpo_edu.workbook.worker import chapter_checks

from ..package.small_world import LOGP, WORLD
from .solution_files import four_logps, numbers, solutions

# --- the same name, the same numbers --------------------------------------------------


def package_function(chapter, name):
    """The package's function, where it takes the same arguments and returns numbers."""
    function = getattr(importlib.import_module(f"dpo_edu.{chapter.stem}"), name, None)
    if function is None:
        return None
    names = [*inspect.signature(function).parameters]
    task = chapter_checks(chapter.stem)[name]
    comparable = not task.may_change_inputs and not task.observe
    same = names[: len(task.argument_names)] == task.argument_names
    return function if comparable and same else None


SHARED = {
    f"{chapter.number}-{name}": (chapter, name, function)
    for chapter in chapters()
    for name in chapter.names
    if (function := package_function(chapter, name))
}


@pytest.mark.parametrize("shared", SHARED)
def test_solution_equals_the_package_s_function_of_the_same_name(shared):
    chapter, name, fast = SHARED[shared]
    task = chapter_checks(chapter.stem)[name]
    slow = getattr(solutions(chapter.number), name)
    with np.errstate(all="ignore"):
        for arguments in (*task.regular, *task.extremes):
            one, other = encode(slow(*arguments)), encode(fast(*arguments))
            assert alike(one, other, within(max(1e-9, task.relative)))


def test_some_solutions_are_compared():
    assert {"06-dpo_loss", "01-plackett_luce_nll"} <= SHARED.keys()


# --- on other arguments, and closer ---------------------------------------------------


def votes():
    generator = np.random.default_rng(0)
    for scale in (1.0, 30.0, 1000.0):
        rewards = generator.normal(scale=scale, size=6)
        yield rewards, *generator.integers(6, size=(2, 40))


def tables_of_wins():
    yield (likelihood.load_baseball().wins,)
    generator = np.random.default_rng(0)
    for items in (2, 3, 5, 7):
        wins = generator.integers(1, 9, size=(items, items))
        np.fill_diagonal(wins, 0)
        yield (wins,)


def tables_with_few_wins():
    """Some have a maximum, some have none."""
    generator, exists = np.random.default_rng(0), set()
    for trial in range(300):
        items = 2 + trial % 6
        wins = generator.poisson(1.5 / items, size=(items, items))
        np.fill_diagonal(wins, 0)
        exists.add(likelihood.mle_exists(wins))
        yield (wins,)
    assert exists == {True, False}


def distributions():
    for shape in ((4,), (3, 5), (2, 3, 4)):
        generator = np.random.default_rng(0)
        ones, batch = np.ones(shape[-1]), shape[:-1]
        yield generator.dirichlet(ones, batch), generator.dirichlet(ones, batch)
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    q = np.array([[0.25, 0.75, 0.0], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5]])
    yield p, q


def logs_of_samples():
    generator = np.random.default_rng(0)
    for scale in (0.5, 10.0, 50.0):
        yield tuple(-generator.exponential(scale, size=(2, 50)))


def tables_of_logs():
    yield *(np.random.default_rng(0).normal(size=(2, 3, 5)) * 20 - 60), 0.3


def gaps():
    logps = four_logps()
    yield from ((logps[0] - logps[1], beta) for beta in (0.1, 1.0, 5.0))


def pairs_of_logps():
    yield from ((*four_logps(), beta) for beta in (0.1, 1.0, 5.0))


def pairs_of_rewards():
    rewards = np.random.default_rng(0).normal(scale=3, size=(2, 500))
    arguments = *rewards, np.random.default_rng(1).random(500)
    assert 100 < preference_world.label_pair(*arguments).sum() < 400
    yield arguments


def policies_of_the_world():
    yield boltzmann.optimal_logp(LOGP, WORLD.reward, 1.0), LOGP


def scores_of_pairs():
    yield numbers(1.5, -40.0, 0.25, 3.0), numbers(2.0, 60.0, 0.25, -9.0)


def sizes_and_lengths():
    yield from ((32000, 100), (2, 0), (50257, 1024))


def betas_and_rounds():
    yield from itertools.product((0.1, 1.0, 3.0), (0, 1, 3, 10))


FURTHER = [  # chapter, the package's function, its arguments, how close (rel, abs)
    ("02", likelihood.negative_log_likelihood, votes, (1e-9, 1e-12)),
    ("02", likelihood.fit_rewards, tables_of_wins, (1e-8, 1e-8)),
    ("02", likelihood.mle_exists, tables_with_few_wins, (0, 0)),
    ("03", divergence.kl_divergence, distributions, (1e-12, 1e-14)),
    ("03", divergence.kl_estimates, logs_of_samples, (1e-9, 1e-12)),
    ("05", cancellation.implicit_reward, tables_of_logs, (0, 0)),
    ("05", cancellation.log10_responses, sizes_and_lengths, (1e-14, 1e-12)),
    ("07", dpo_gradient.gradient_weight, gaps, (1e-7, 1e-7)),
    ("07", dpo_gradient.dpo_gradient, pairs_of_logps, (1e-7, 1e-7)),
    ("10", preference_world.label_pair, pairs_of_rewards, (0, 0)),
    ("10", preference_world.exact_kl, policies_of_the_world, (1e-12, 1e-12)),
    ("12", reward_model_loss, scores_of_pairs, (1e-7, 1e-7)),
    ("15", online.effective_beta, betas_and_rounds, (1e-15, 1e-12)),
]


@pytest.mark.parametrize("case", FURTHER, ids=lambda case: case[1].__name__)
def test_solution_equals_the_package_on_other_arguments(case):
    chapter, fast, arguments, (rel, absolute) = case
    slow = getattr(solutions(chapter), fast.__name__)
    for each in arguments():
        found, wanted = as_array(slow(*each)), as_array(fast(*each))
        assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
        assert found == pytest.approx(wanted, rel=rel, abs=absolute)


def as_array(returned):
    """Also of several tensors."""
    parts = returned if isinstance(returned, tuple) else (returned,)
    return np.stack([np.asarray(part) for part in parts])
