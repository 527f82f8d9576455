"""The step and the story of chapter 17 on a random Llama, against slower ways."""

import json
import math
from dataclasses import replace
from functools import partial
from itertools import chain, combinations

import numpy as np
import pytest
import torch

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")

from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.experiments.real_model import __main__ as run_by_run
from dpo_edu.experiments.real_model import plan, reference_answers, runs
from dpo_edu.experiments.real_model.variations import spoiled
from dpo_edu.experiments.scaling import tiny_llama
from dpo_edu.files import write_json
from dpo_edu.real_model import evaluation, scoring
from dpo_edu.real_model.adapter import (
    Lora,
    copied,
    learning_weights,
    put_back,
    with_adapter,
)
from dpo_edu.real_model.learning import (
    Plan,
    accumulated,
    as_groups,
    in_parts,
    reference_logp,
    train_dpo,
    train_sft,
)
from dpo_edu.real_model.pairs import AnswerPair, best_beside_worst
from dpo_edu.real_model.pretrained import Pretrained
from dpo_edu.real_model.prompts import PROMPTS, split_by_prompt
from dpo_edu.real_model.report import report
from dpo_edu.real_model.rules import RULES, rule
from dpo_edu.real_model.sampling import (
    Answer,
    Sampling,
    asked,
    part_count,
    sample_answers,
)
from dpo_edu.real_model.scoring import Group, Scorer, logp_of_all, parts, scorer_for
from dpo_edu.real_model.whole_run import FirstAnswers, Settings, run
from dpo_edu.scaling.transformers_policy import chat_tokens
from dpo_edu.validation import InputError

TOKENIZER = tiny_llama.tokenizer()
PAIRS = [
    AnswerPair(
        chat_tokens(TOKENIZER, pair.prompt, pair.chosen)[0],
        *(chat_tokens(TOKENIZER, pair.prompt, y)[1] for y in pair[1:]),
    )
    for pair in tiny_llama.PAIRS
]
GROUPS = [
    *as_groups(PAIRS),
    Group(PAIRS[0].prompt, [[7, 8, 9, 2], [7], [8, 2], [9, 9, 9, 9, 9, 2]]),
]


def plainly(model, group, temperature=1.0) -> list[float]:
    """Every response alone, with all logits at all positions."""
    found = []
    for response in group.responses:
        tokens = torch.tensor([[*group.prompt, *response]])
        logits = model(input_ids=tokens).logits[0] / temperature
        logp = logits.log_softmax(-1)
        places = range(len(group.prompt), tokens.shape[1])
        found.append(sum(logp[t - 1, tokens[0, t]] for t in places).item())
    return found


def adapted(seed=0):
    """A model with an adapter that has already learned something."""
    lora = Lora(rank=2, alpha=4)
    model = with_adapter(tiny_llama.model(), lora, seed).double()
    with torch.no_grad():
        for weight in learning_weights(model).values():
            weight.add_(0.05 * torch.randn(weight.shape, generator=_chance()))
    return model


def _chance():
    return torch.Generator().manual_seed(1)


# Scoring


@pytest.mark.parametrize("shares_prompts", [True, False])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
@pytest.mark.parametrize("chunk", [1, 5, 256])
def test_log_probabilities_are_those_of_full_logits(
    shares_prompts, temperature, chunk, monkeypatch
):
    monkeypatch.setattr(scoring, "CHUNK", chunk)
    model = adapted()
    scorer = Scorer(model, temperature, shares_prompts)
    with torch.no_grad():
        expected = [plainly(model, group, temperature) for group in GROUPS]
        together = scorer.logp(GROUPS)
    assert together.tolist() == pytest.approx([*chain(*expected)], abs=1e-9)
    apart = logp_of_all(scorer, GROUPS)
    for logp, each in zip(apart, expected, strict=True):
        assert logp.tolist() == pytest.approx(each, abs=1e-9)


def test_the_test_above_can_fail():
    """Without positions and mask a response reads the one that lies before it."""
    model = tiny_llama.model()
    rows = scoring.packed(GROUPS[:1])
    with torch.no_grad():
        states = model.model(input_ids=rows.tokens).last_hidden_state
        logits = model.lm_head(states[rows.row, rows.column])
        each = logits.log_softmax(-1).gather(-1, rows.target[:, None])[:, 0]
        wrong = torch.zeros(2).double().index_add(0, rows.owner, each)
        right = plainly(model, GROUPS[0])
    assert wrong[0].item() == pytest.approx(right[0])
    assert abs(wrong[1].item() - right[1]) > 0.1


@pytest.mark.parametrize("chunk", [5, 256])
@pytest.mark.parametrize("make", [adapted, tiny_llama.model])
def test_gradients_are_those_of_full_logits(make, chunk, monkeypatch):
    """Of an adapter, and of all weights, the head's among them."""
    monkeypatch.setattr(scoring, "CHUNK", chunk)
    model = make()
    weights, upstream = [*learning_weights(model).values()], torch.arange(1.0, 11.0)
    quick = torch.autograd.grad(upstream.double() @ Scorer(model).logp(GROUPS), weights)
    slow = []
    for group in GROUPS:
        for response in group.responses:
            tokens = torch.tensor([[*group.prompt, *response]])
            logp = model(input_ids=tokens).logits[0, len(group.prompt) - 1 : -1]
            slow.append(logp.log_softmax(-1)[range(len(response)), response].sum())
    expected = torch.autograd.grad(upstream.double() @ torch.stack(slow), weights)
    for one, other in zip(quick, expected, strict=True):  # Llama's norms: float32
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_a_model_is_asked_whether_its_scorer_is_right():
    assert scorer_for(adapted()).shares_prompts
    changed = tiny_llama.model()
    forward = changed.forward

    def softened(**read):
        found = forward(**read)
        found.logits = found.logits.tanh()
        return found

    changed.forward = softened
    with pytest.raises(InputError, match="changes its logits after its head"):
        scorer_for(changed)


def test_a_model_that_takes_no_mask_reads_each_row_alone():
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"vocab_size": 30, "n_positions": 40, "n_embd": 16, "n_layer": 1}
    model = GPT2LMHeadModel(GPT2Config(**sizes, n_head=2)).double().eval()
    assert scorer_for(model).shares_prompts
    whole = model.transformer.forward

    def without_masks(*tokens, attention_mask=None, **read):
        if attention_mask is not None:
            raise ValueError("no mask, please")
        return whole(*tokens, **read)

    model.transformer.forward = without_masks
    scorer = scorer_for(model)
    assert not scorer.shares_prompts
    with torch.no_grad():
        expected = [*chain(*(plainly(model, group) for group in GROUPS))]
        assert scorer.logp(GROUPS).tolist() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "group", [Group([], [[1]]), Group([1], []), Group([1], [[2], []])]
)
def test_a_group_that_lacks_something_is_refused(group):
    with pytest.raises(InputError, match="group 1 lacks a prompt or a response"):
        scoring.packed([GROUPS[0], group])


def test_parts_hold_all_groups_the_longest_first():
    found = parts(GROUPS, at_once=60)
    assert sorted(chain(*found)) == [0, 1, 2, 3]
    assert len(found) > 1
    lengths = [scoring.length(GROUPS[n]) for part in found for n in part]
    assert lengths == sorted(lengths, reverse=True)
    assert parts(GROUPS, at_once=1) == [[n] for part in found for n in part]


# Learning

MIDDLE = 2 * sorted(map(scoring.length, as_groups(PAIRS)))[-1]  # two of three fit


def test_unequal_parts_add_up_to_one_batch():
    model = adapted()
    groups = as_groups(PAIRS)
    ref_logp = torch.zeros(len(PAIRS), 2).double()

    def loss_of(numbers):
        logp = Scorer(model).logp([groups[n] for n in numbers]).view(-1, 2)
        loss = dpo_loss(*logp.unbind(-1), *ref_logp[numbers].unbind(-1), 0.3)
        return loss, {"loss": loss.item()}

    gradients, records, weights = [], [], [*learning_weights(model).values()]
    for at_once in (10_000, MIDDLE, 1):
        cut = in_parts(groups, [0, 1, 2], loss_of, at_once)
        loss, record = accumulated(cut, weights)
        assert loss.item() == pytest.approx(record["loss"])
        records.append(record["loss"])
        gradients.append(torch.autograd.grad(loss, weights))
    sizes = [size for size, _ in in_parts(groups, [0, 1, 2], loss_of, MIDDLE)]
    assert sorted(sizes) == [1, 2], "the parts of the second are unequal"
    for found in gradients[1:]:
        for one, other in zip(found, gradients[0], strict=True):
            torch.testing.assert_close(one, other)
    assert records == pytest.approx([records[0]] * 3)


def test_a_part_counts_by_its_examples():
    weight = torch.tensor(0.0, requires_grad=True)
    cut = [(3, lambda: (1.0 * weight + 1, {"loss": 1.0}))]
    cut += [(1, lambda: (5.0 * weight + 5, {"loss": 5.0}))]
    loss, record = accumulated(cut, [weight])
    assert loss.item() == record["loss"] == 2.0, "and not 3, the mean of the means"
    assert torch.autograd.grad(loss, weight)[0].item() == 2.0


def test_dpo_moves_the_adapter_and_not_the_reference():
    model = with_adapter(tiny_llama.model(), Lora(rank=2, alpha=4), 0).double()
    scorer = Scorer(model, temperature=0.8)
    start, frozen = copied(learning_weights(model)), _frozen(model)
    ref_logp, log = reference_logp(scorer, PAIRS), []
    plan = Plan(learning_rate=0.02, batch_size=2, epochs=6, at_once=50)

    def after_step(report):
        log.append(report.record)

    train_dpo(scorer, PAIRS, ref_logp, 0.1, plan, after_step=after_step)
    assert len(log) == 12
    assert log[0]["loss"] == pytest.approx(math.log(2))
    assert log[-1]["loss"] < 0.5
    assert {*log[0]} == {
        "loss", "margin", "accuracy", "reward_chosen", "reward_rejected"
    }  # fmt: skip
    assert all(frozen[name].equal(w) for name, w in _frozen(model).items())
    torch.testing.assert_close(reference_logp(scorer, PAIRS), ref_logp)
    assert (
        torch.stack(logp_of_all(scorer, as_groups(PAIRS))) - ref_logp
    ).abs().min() > 0
    put_back(model, start)
    torch.testing.assert_close(
        torch.stack(logp_of_all(scorer, as_groups(PAIRS))), ref_logp
    )


def _frozen(model):
    return {n: w.clone() for n, w in model.named_parameters() if not w.requires_grad}


def test_sft_raises_what_it_reads():
    model = with_adapter(tiny_llama.model(), Lora(rank=2, alpha=4), 0).double()
    scorer = Scorer(model)
    winners = [Group(pair.prompt, [pair.chosen]) for pair in PAIRS]
    before = torch.cat(logp_of_all(scorer, winners))
    train_sft(scorer, winners, Plan(learning_rate=0.02, batch_size=2, epochs=4))
    assert (torch.cat(logp_of_all(scorer, winners)) > before + 1).all()


def test_a_fresh_adapter_depends_on_its_seed_and_changes_nothing():
    one, two, other = (
        with_adapter(tiny_llama.model(), Lora(rank=2), seed) for seed in (3, 3, 4)
    )
    weights = [learning_weights(model) for model in (one, two, other)]
    assert all(weights[0][name].equal(weights[1][name]) for name in weights[0])
    assert not all(weights[0][name].equal(weights[2][name]) for name in weights[0])
    tokens = torch.tensor([PAIRS[0].prompt])
    plain = tiny_llama.model()(input_ids=tokens).logits
    torch.testing.assert_close(one(input_ids=tokens).logits, plain)


# Sampling and judging


def test_answers_are_drawn_as_the_model_says():
    """Frequencies of the first token, whatever the padding, beside its softmax."""
    model, count = tiny_llama.model(), 4_000
    prompts = ["how do I fix the tap", "how"]
    how = Sampling(count, 1, 0.5)
    written = sample_answers(model, TOKENIZER, prompts, how, seed=0)
    for prompt, answers in zip(prompts, written, strict=True):
        tokens = torch.tensor([asked(TOKENIZER, prompt)])
        expected = (model(input_ids=tokens).logits[0, -1] / 0.5).softmax(-1)
        drawn = torch.tensor([answer.tokens[0] for answer in answers])
        share = drawn.bincount(minlength=len(expected)) / count
        assert (share - expected).abs().max() < 5 * 0.5 / count**0.5


def test_answers_end_at_their_mark_or_at_the_limit():
    written = sample_answers(
        tiny_llama.model(), TOKENIZER, ["how", "is the water on"], Sampling(40, 12), 0
    )
    answers = [answer for each in written for answer in each]
    end = TOKENIZER.eos_token_id
    for answer in answers:
        assert answer.ended == (answer.tokens[-1] == end)
        assert end not in answer.tokens[:-1]
        assert len(answer.tokens) == 12 or answer.ended
        assert "<eos>" not in answer.text
    assert 0 < sum(answer.ended for answer in answers) < len(answers)


def test_sampled_tokens_have_the_probability_that_they_are_scored_with():
    """The mean of exp(log q - log pi) over draws from pi is 1, if pi is what drew."""
    model, prompt = tiny_llama.model(), "how"
    answers = sample_answers(model, TOKENIZER, [prompt], Sampling(3_000, 2, 0.7), 0)[0]
    distinct = {tuple(answer.tokens) for answer in answers}
    rows = [list(tokens) for tokens in distinct]
    group = Group(asked(TOKENIZER, prompt), rows)
    logp = logp_of_all(Scorer(model, 0.7), [group])[0]
    drawn = [tuple(answer.tokens) for answer in answers]
    for row, value in zip(rows, logp.exp().tolist(), strict=True):
        share = drawn.count(tuple(row)) / len(drawn)
        assert abs(share - value) < 5 * math.sqrt(value / len(drawn)) + 1e-3


def test_the_noted_log_probability_is_the_one_that_scoring_finds():
    """With its end mark, at its temperature, whatever the padding beside it."""
    model, prompts = adapted().float(), ["how", "is the water on"]
    written = sample_answers(model, TOKENIZER, prompts, Sampling(30, 9, 0.7), 0)
    assert len({len(answer.tokens) for each in written for answer in each}) > 3
    groups = [
        Group(asked(TOKENIZER, prompt), [answer.tokens for answer in answers])
        for prompt, answers in zip(prompts, written, strict=True)
    ]
    found = logp_of_all(Scorer(model, 0.7), groups)
    for answers, logp in zip(written, found, strict=True):
        noted = [answer.logp for answer in answers]
        assert noted == pytest.approx(logp.tolist(), abs=1e-3)


def test_the_same_seed_draws_the_same_answers():
    how = Sampling(3, 5)
    draw = [
        sample_answers(tiny_llama.model(), TOKENIZER, ["how", "on"], how, seed)
        for seed in (0, 0, 1)
    ]
    assert draw[0] == draw[1] != draw[2]


def test_sampling_tells_of_every_part_of_the_prompts():
    prompts, how, told = ["how"] * 5, Sampling(48, 1), []
    sample_answers(tiny_llama.model(), TOKENIZER, prompts, how, 0, told.append)
    assert [part.step for part in told] == [0, 1, 2]
    assert part_count(5, how) == 3


def test_pairs_are_disjoint_and_never_tied():
    scores = [2.0, 2.0, 1.0, 3.0, 1.0]
    pairs = best_beside_worst(scores, most=5)
    assert [(scores[a], scores[b]) for a, b in pairs] == [(3.0, 1.0), (2.0, 1.0)]
    assert len({n for pair in pairs for n in pair}) == 4
    assert best_beside_worst([1.0] * 6, most=3) == []


def test_prompts_are_many_and_different_and_split_by_prompt():
    assert len(PROMPTS) >= 120
    assert len({prompt.lower() for prompt in PROMPTS}) == len(PROMPTS)
    training, held_out = split_by_prompt(PROMPTS, 40, seed=3)
    assert {*training} | {*held_out} == {*PROMPTS}
    assert not {*training} & {*held_out}
    assert len(held_out) == 40
    assert split_by_prompt(PROMPTS, 40, seed=4)[1] != held_out
    with pytest.raises(InputError, match="must leave a prompt to train on, of 2"):
        split_by_prompt(["a", "b", "a"], 2, seed=0)


def test_some_rule_hangs_on_neither_length_nor_the_limit():
    """Adding short and long words moves it both ways, and a cut hardly at all."""
    score = RULES["short_words"].score
    text = "We boil the water and put in an egg."
    assert score(text + " It is hot.") > score(text) > score(text + " Refrigerate.")
    assert abs(score(text * 4) - score((text * 4)[:-14])) < 0.2
    score = RULES["speaks_to_you"].score
    assert score("you " * 30) == score("you") == 1.0
    assert score("egg " * 12 + "you") == score("egg") == 0.0


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="no rule named 'long': there are short_"):
        rule("long")


# Evaluation


def test_best_of_n_is_the_mean_over_all_choices():
    scores = [0.3, -1.0, 2.0, 0.3, 5.0]
    for n in range(1, 6):
        every = [max(chosen) for chosen in combinations(scores, n)]
        assert evaluation.best_of_n(scores, n) == pytest.approx(np.mean(every))


def test_an_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(0).exponential(size=(2_000, 60))
    found = [evaluation.estimate(row) for row in draws]
    covered = np.mean([abs(mean - 1) <= half for mean, half in found])
    assert 0.91 < covered < 0.97


def test_differences_are_paired_by_prompt():
    before = [[_answer("aaaa bb")], [_answer("a")]]
    after = [[_answer("aa")], [_answer("a")]]
    found = evaluation.differences(before, after)["short_words"]
    assert found["mean"] == pytest.approx(0.5)
    assert found["half"] == pytest.approx(1.96 * 0.5)


def _answer(text):
    return Answer([5], text, True, -1.0)


# The whole run

QUICK = Settings(
    rule="short_words",
    held_out=4,
    sampling=Sampling(6, 10, 0.9),
    judged=3,
    lora=Lora(rank=4, alpha=16),
    plan=Plan(learning_rate=0.005, batch_size=8, epochs=3, at_once=200),
)
ASKED = [
    f"{start} {middle} {end}"
    for start in ("how do I", "please", "is")
    for middle in ("open", "close", "fix")
    for end in ("the tap", "the valve", "a house", "the water")
]


@pytest.fixture(scope="module")
def record():
    said, saved = [], []
    pretrained = Pretrained(tiny_llama.model().float(), tiny_llama.tokenizer())
    found = run(QUICK, pretrained, ASKED, said.append, saved.append)
    assert len(saved) == 1
    assert "sampling answers" in said
    return found


def test_the_whole_run_is_a_record_that_json_knows(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["counts"]["prompts"] == len(ASKED) - 4
    assert len(record["examples"]) == 4
    assert len(record["log"]["dpo"]) == len(record["log"]["sft"]) > 10


def test_the_reference_is_at_distance_0_and_the_others_are_not(record):
    policies = record["policies"]
    assert policies["reference"]["kl"]["mean"] == pytest.approx(0, abs=1e-4)
    assert policies["dpo"]["kl"]["mean"] > 0.01
    assert record["log"]["dpo"][0]["loss"] == pytest.approx(math.log(2), abs=1e-4)


def test_even_a_random_model_learns_to_use_short_words(record):
    dpo = record["policies"]["dpo"]
    gained = dpo["differences"]["short_words"]
    assert gained["mean"] > gained["half"] > 0
    assert dpo["log_ratios"]["chosen"] > dpo["log_ratios"]["rejected"]
    assert record["policies"]["best of n"]["kl_bound"] == pytest.approx(
        math.log(3) - 2 / 3
    )


def test_the_report_names_every_policy_and_shows_every_answer(record):
    text = report(record)
    for words in ("reference", "DPO", "SFT", "best of 3", "KL", "before:", "after:"):
        assert words in text
    assert all(example["prompt"] in text for example in record["examples"])


def test_a_rule_that_finds_no_pair_is_one_line():
    pretrained = Pretrained(tiny_llama.model().float(), tiny_llama.tokenizer())
    settings = replace(QUICK, rule="no_list")
    with pytest.raises(InputError, match=r"no_list finds all .* choose another rule"):
        run(settings, pretrained, ASKED, lambda text: None)


# The record


def kept_in(folder, monkeypatch, settings):
    """The record's runs on a random Llama, kept in a folder."""

    def load(name):
        return Pretrained(tiny_llama.model().float(), tiny_llama.tokenizer())

    monkeypatch.setattr(runs, "FOLDER", folder)
    monkeypatch.setattr(runs, "load", load)
    monkeypatch.setattr(runs, "Settings", settings)
    monkeypatch.setattr(runs, "PROMPTS", ASKED)
    for name in ("run", "first_answers"):
        whole = partial(getattr(runs, name), prompts=ASKED)
        monkeypatch.setattr(runs, name, whole)


def test_a_stopped_record_goes_on(monkeypatch, tmp_path):
    """What is finished is read, what the reference wrote is shared by the rules."""
    count = {"run": 0, "first": 0}

    def counted(name, function):
        def call(*arguments, **options):
            count[name] += 1
            return function(*arguments, **options)

        return call

    def settings(rule, seed):
        return replace(QUICK, rule=rule, seed=seed, plan=Plan(0.005, 8, epochs))

    epochs = 1
    kept_in(tmp_path / "kept", monkeypatch, settings)
    monkeypatch.setattr(runs, "run", counted("run", runs.run))
    monkeypatch.setattr(runs, "first_answers", counted("first", runs.first_answers))
    record = runs.seed_run("short_words", 0)
    assert runs.seed_run("short_words", 0) == record
    assert count == {"run": 1, "first": 1}
    other = runs.seed_run("short_first_sentence", 0)
    assert count == {"run": 2, "first": 1}
    assert [each["before"] for each in other["examples"]] == [
        each["before"] for each in record["examples"]
    ]
    epochs = 2
    again = runs.seed_run("short_words", 0)
    assert count == {"run": 3, "first": 1}
    assert len(again["log"]["dpo"]) == 2 * len(record["log"]["dpo"])


@pytest.fixture(scope="module")
def variations(tmp_path_factory):
    """Every variation on the random Llama, which learns short words."""
    with pytest.MonkeyPatch.context() as patched:
        folder = tmp_path_factory.mktemp("kept")

        def settings(rule, seed):
            return replace(QUICK, seed=seed, held_out=12)

        kept_in(folder, patched, settings)
        return {name: runs.varied_run(name, 0) for name in plan.VARIATIONS}


def losses(record):
    return [row["loss"] for row in record["log"]["dpo"]]


def test_two_epochs_are_twice_as_many_steps(variations):
    one = variations["chosen and rejected swapped"]
    assert len(losses(variations["two epochs"])) == 2 * len(losses(one))
    assert one["counts"] == variations["two epochs"]["counts"]


def test_swapped_sides_teach_the_opposite(variations):
    swapped = variations["chosen and rejected swapped"]
    gained = swapped["policies"]["dpo"]["differences"]["short_words"]
    assert gained["mean"] < -gained["half"] < 0
    ratios = swapped["policies"]["dpo"]["log_ratios"]
    assert ratios["chosen"] > ratios["rejected"], "as the trainer reads them"


def test_an_aliased_reference_leaves_log_2_and_moves_the_policy(variations):
    aliased = variations["adapter left on in the reference"]
    assert losses(aliased) == pytest.approx([math.log(2)] * len(losses(aliased)))
    assert aliased["policies"]["dpo"]["kl"]["mean"] > 0.01


def test_a_coin_turns_some_pairs_around_with_their_reference():
    ref_logp = torch.arange(2.0 * 40).view(40, 2)
    pairs = [AnswerPair([1], [n], [100 + n]) for n in range(40)]
    turned, ref = spoiled("labels by a coin", pairs, ref_logp, seed=0)
    backwards = [pair.chosen[0] >= 100 for pair in turned]
    assert 8 < sum(backwards) < 32
    for n, back in enumerate(backwards):
        assert ref[n].tolist() == [2 * n + back, 2 * n + 1 - back]
    same, ref = spoiled("two epochs", pairs, ref_logp, seed=0)
    assert same == pairs
    assert ref.equal(ref_logp)


def test_a_faster_learning_rate_is_ten_times_as_fast(variations):
    fast = variations["learning rate x 10"]["settings"]["plan"]["learning_rate"]
    assert fast == pytest.approx(10 * QUICK.plan.learning_rate)


def test_the_record_stores_run_by_run(monkeypatch, tmp_path, capsys):
    """What is finished is stored at once; an unknown name computes nothing."""

    def settings(rule, seed):
        return replace(QUICK, rule=rule, seed=seed, plan=Plan(0.005, 8))

    kept_in(tmp_path, monkeypatch, settings)
    monkeypatch.setattr(plan, "SEEDS", (0, 1))
    stored = []
    monkeypatch.setattr(run_by_run, "store", lambda stem, found: stored.append(found))
    assert run_by_run.main(["short_words"]) == 0
    assert [len(each["rules"]["short_words"]) for each in stored] == [1, 2]
    assert stored[-1]["rules"]["speaks_to_you"] == []
    assert stored[-1]["rules"]["short_words"][1]["settings"]["seed"] == 1
    assert run_by_run.main(["short_word"]) == 2
    assert "no run named short_word: speaks_to_you" in capsys.readouterr().err


def test_a_run_says_where_it_was_made_and_another_machine_s_lies_beside_it(
    monkeypatch, tmp_path
):
    def settings(rule, seed):
        return replace(QUICK, rule=rule, seed=seed, plan=Plan(0.005, 8))

    kept_in(tmp_path, monkeypatch, settings)
    monkeypatch.setattr(plan, "SEEDS", (0,))
    record = runs.seed_run("short_words", 0)
    assert record["circumstances"] == runs.circumstances()
    again = record | {"circumstances": {"processor": "another"}}
    (tmp_path / "elsewhere").mkdir()
    write_json(tmp_path / "elsewhere" / "short_words-0.json", again)
    found = plan.finished()
    for part, where in (("rules", runs.circumstances()), ("elsewhere", {})):
        (run_,) = found[part]["short_words"]
        assert run_["circumstances"] == (where or {"processor": "another"})
    assert found["elsewhere"]["speaks_to_you"] == []
    told = found["answers"]
    assert told["prompts"] == len(ASKED)
    assert told["answers"] == 4 * 3 + (len(ASKED) - 4) * 6
    assert [*told["kl_bound"]] == [1, 2]  # three answers to a prompt that is held out
    gained = told["gained"]["short_words"]
    assert gained[1]["mean"] == pytest.approx(0)
    assert gained[2]["mean"] > gained[2]["half"] > 0
    assert told["prompts of the pairs"]["short_words"] <= [record["counts"]["pairs"]]


def test_the_best_of_n_is_chosen_among_all_answers_to_a_prompt():
    """In words of one, two and three letters: the best of two, over all six choices."""
    pooled = {"Why?": ["a", "bb", "ccc"], "How?": ["dd", "dd", "dd"]}
    found = reference_answers.gained("short_words", pooled, 2)
    choices = [-1, -1, -2]  # of one and two, of one and three, of two and three letters
    first = np.mean(choices) - np.mean([-1, -2, -3])
    assert found["mean"] == pytest.approx(np.mean([first, 0]))
    assert found["half"] == pytest.approx(1.96 * np.std([first, 0], ddof=1) / 2**0.5)


def test_the_first_pairs_come_from_the_first_prompts(monkeypatch):
    """Two pairs of the first prompt, none of the second, one of each that follows."""
    texts = (["a", "bb", "ccc", "dddd"], ["a", "a"], ["a", "bb"], ["a", "bb"])
    written = [[_answer(text) for text in each] for each in texts]
    for most, prompts in ((2, 1), (3, 2), (9, 3)):
        settings = replace(QUICK, most_pairs=most)
        monkeypatch.setattr(runs, "settings_of", lambda name, seed, how=settings: how)
        first = FirstAnswers(written, [])
        assert reference_answers.prompts_of_pairs("short_words", 0, first) == prompts


def test_the_plan_names_each_run_once_and_the_most_telling_first():
    order = [*plan.tasks()]
    assert order[:2] == [("speaks_to_you", 0), ("short_first_sentence", 0)]
    assert {*order} >= {(rule, seed) for rule in plan.RULES for seed in plan.SEEDS}
    assert len(order) == 15 + sum(map(len, plan.VARIATIONS.values()))


def test_the_record_names_its_machine_and_versions():
    assert {"processor", "torch", "transformers"} <= runs.circumstances().keys()
    assert len(plan.RULES) == 3
    assert len(plan.SEEDS) == 5
    assert {*plan.RULES} <= RULES.keys()
