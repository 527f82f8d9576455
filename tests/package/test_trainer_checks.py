"""The check-up of trainers names every mistake, and tells no right trainer of one."""

import pytest
import torch

from dpo_edu.experiments.sequence_logprob.toy_language import SIX_BUGS
from dpo_edu.sequence_logprob import sequence_logprob
from dpo_edu.trainer_checks import (
    EOS,
    PAD,
    as_lists,
    check_up,
    checks,
    language,
    truth,
    wrong_losses,
    wrong_scores,
)
from dpo_edu.trainer_checks.adapter import FUNCTIONS
from dpo_edu.trainer_checks.examination import CHECKS
from dpo_edu.trainer_checks.loss_checks import FOUR
from dpo_edu.validation import InputError

from .trainers import BROKEN, RIGHT, Right

TELLS = 100  # mistakes are at least this many tolerances apart


@pytest.mark.parametrize("style", RIGHT, ids=lambda style: style.__name__)
def test_a_right_trainer_is_told_of_nothing(style):
    found = check_up(style())
    assert [each for each in found if each.verdict in ("found", "failed")] == []
    assert any(each.verdict == "right" for each in found)


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_is_named_and_no_other(name):
    trainer, wanted = BROKEN[name]
    said = {
        each.check: each.message
        for each in check_up(trainer)
        if each.verdict in ("found", "failed")
    }
    assert said.keys() == wanted.keys(), said
    for check, words in wanted.items():
        assert words in said[check], said[check]


def test_every_check_is_failed_by_some_broken_trainer():
    failed = {check for _, wanted in BROKEN.values() for check in wanted}
    assert failed == {check.name for check in CHECKS}


def test_the_truth_is_a_distribution_and_the_package_s_own_score():
    model = language.Language()
    for pad, side in ((PAD, "right"), (EOS, "right"), (PAD, "left")):
        batch = language.all_rows(pad, side)
        logits = truth.read(model, batch.rows.tokens, batch.real)
        mine = sequence_logprob(logits, *batch.rows)
        torch.testing.assert_close(mine, truth.all_logp(model), atol=1e-12, rtol=0)
    sums = truth.tree_logp(model).exp().sum(-1)
    torch.testing.assert_close(sums, torch.ones_like(sums), atol=1e-7, rtol=0)


def test_lists_give_back_what_was_laid_out():
    for pad, side in ((PAD, "right"), (EOS, "right"), (PAD, "left")):
        batch = language.all_rows(pad, side)
        assert as_lists(*batch.rows) == (batch.prompts, batch.responses)


def test_the_six_bugs_of_chapter_08_are_among_the_mistakes():
    batch, model = language.all_rows(EOS), language.Language()
    logits = truth.read(model, batch.rows.tokens)
    known = dict(SIX_BUGS)
    known["<eos> left out"] = known.pop("<eos> dropped")
    known["mean over tokens"] = known.pop("mean, not sum")
    for name, bug in known.items():
        found = bug(logits, *batch.rows)
        assert wrong_scores.names(batch, model, found) == [name]


# Where rows end alike, nothing can follow them, and two mistakes can be one.
ALIKE = {
    "right": [{"", "mask of a row padded on the right"}],
    "left": [
        {"", "padding counted", "one token of padding counted"},
        {"first token left out", "mask not shifted"},
    ],
}


@pytest.mark.parametrize(
    ("side", "pad"), [("right", PAD), ("right", EOS), ("left", PAD)]
)
def test_no_two_single_mistakes_in_a_score_look_alike(side, pad):
    batch, model = language.all_rows(pad, side), language.Language()
    single = [
        (parts[0] if parts else "", score)
        for parts, score in wrong_scores.wrong_scores(batch, model)
        if len(parts) < 2
    ]
    assert len({name for name, _ in single}) > 25
    for name, score in single:
        for other, that in single:
            one = name == other or any({name, other} <= same for same in ALIKE[side])
            assert one or _far(score, that, wrong_scores.CLOSE), (name, other)


def _far(a, b, tolerance) -> bool:
    difference = ((a - b).abs() / (1 + b.abs())).nan_to_num(torch.inf)
    return bool((difference > TELLS * tolerance).any())


def test_no_two_single_mistakes_in_a_loss_look_alike():
    singles = {
        parts[0]: torch.cat([loss(beta) for beta in truth.BETAS])
        for parts, loss in wrong_losses.wrong_losses(FOUR)
        if len(parts) == 1
    }
    right = torch.cat([Right().loss(*FOUR, beta).reshape(1) for beta in truth.BETAS])
    assert len(singles) > 20
    for name, loss in singles.items():
        assert _far(loss.view(2, -1).mean(1), right, wrong_losses.CLOSE), name
        for other, that in singles.items():
            assert other == name or _far(loss, that, wrong_losses.CLOSE), (name, other)


def test_every_mistake_has_a_sentence():
    batch, model = language.all_rows(side="left"), language.Language()
    parts = {p for each, _ in wrong_scores.wrong_scores(batch, model) for p in each}
    assert parts == wrong_scores.SENTENCES.keys()
    parts = {p for each, _ in wrong_losses.wrong_losses(FOUR) for p in each}
    assert parts == wrong_losses.SENTENCES.keys()


def test_a_trainer_may_be_a_test_of_one_s_own():
    for check in checks(Right()):
        if check.check.name in ("probabilities sum to 1", "extreme margins"):
            check()
    wrong = checks(BROKEN["score: no shift"][0])
    with pytest.raises(AssertionError, match='probabilities sum to 1: "no shift"'):
        wrong[0]()
    with pytest.raises(pytest.skip.Exception, match="it needs loss"):
        wrong[4]()


def test_what_cannot_be_asked_is_refused_in_one_line():
    with pytest.raises(InputError, match="has none of the functions logprob, loss"):
        checks(object())
    typing_error = type("Adapter", (Right,), {"NOT_APPLICABLE": {"padding": "no"}})
    with pytest.raises(InputError, match="'padding', which is no check"):
        checks(typing_error())
    unknown = type("Adapter", (Right,), {"CONVENTIONS": ["mean"]})
    with pytest.raises(InputError, match="CONVENTIONS may hold 'mean over tokens'"):
        checks(unknown())
    with pytest.raises(InputError, match="there is no module no_such_adapter"):
        checks("no_such_adapter")
    with pytest.raises(InputError, match=r"there is no file nowhere/adapter\.py"):
        checks("nowhere/adapter.py")
    assert set(FUNCTIONS) >= {
        name for check in CHECKS for name in check.needs[0].split("|")
    }
