"""Your own pairs, byte by byte, against Python's own encoding and chapter 08."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dpo_edu.own_data.batches import (
    BYTES_EOS,
    complete,
    decode,
    encode,
    logp_of_all,
    own_batch,
    pair_data,
)
from dpo_edu.own_data.comparison import TextPair
from dpo_edu.own_data.report import held_out_record
from dpo_edu.sequence_logprob import sequence_logprob
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer
from dpo_edu.training import epoch_rows, pair_loss
from dpo_edu.training.scoring import AT_ONCE
from dpo_edu.validation import InputError

PAIRS = [
    TextPair("Say hi.", "Hi!", "No."),
    TextPair("Où?", "Là-bas, près du café.", "?"),
    TextPair("2+2", "4", "five, I think"),
]
CONTEXT = 40


def random_model(seed=0):
    torch.manual_seed(seed)
    model = TinyTransformer(ModelConfig(vocabulary=257, context=CONTEXT, width=8))
    nn.init.normal_(model.head.weight, std=0.3)
    return model.double()


# Bytes


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives(text):
    tokens = encode(text)
    assert bytes(tokens) == text.encode("utf-8")
    assert decode(tokens) == decode([*tokens, BYTES_EOS]) == text


def test_broken_bytes_are_shown_and_not_raised():
    assert decode([72, 0xC3, 105, BYTES_EOS]) == "H\ufffdi"


# Sequences


def test_rows_are_prompt_then_response_then_eos():
    data = pair_data(PAIRS, CONTEXT, "here")
    assert data.pairs == 3
    for number, pair in enumerate(PAIRS):
        for row, said in ((number, pair.chosen), (3 + number, pair.rejected)):
            tokens, mask = data.tokens[row], data.mask[row]
            start = len(pair.prompt.encode())
            end = start + len(said.encode()) + 1
            assert bytes(tokens[:start].tolist()).decode() == pair.prompt
            assert tokens[mask].tolist() == [*said.encode(), BYTES_EOS]
            assert mask.nonzero().flatten().tolist() == [*range(start, end)]


def test_the_longest_pair_that_fits_is_taken():
    longest = max(len((p.prompt + y).encode()) + 1 for p in PAIRS for y in p[1:])
    assert pair_data(PAIRS, longest, "here").tokens.shape == (6, longest)
    words = (
        rf"pairs\.jsonl, pair 2: prompt and chosen take {longest} tokens .*--context"
    )
    with pytest.raises(InputError, match=words):
        pair_data(PAIRS, longest - 1, "pairs.jsonl")


def test_a_rejected_response_may_be_the_long_one():
    with pytest.raises(InputError, match="pair 3: prompt and rejected take 17 tokens"):
        pair_data([PAIRS[0], PAIRS[0], PAIRS[2]], 16, "here")


def test_of_many_that_are_too_long_the_longest_is_told():
    with pytest.raises(InputError) as refused:
        pair_data(PAIRS, 12, "mine")
    assert str(refused.value).startswith("mine, pair 2: prompt and chosen take 29 ")
    assert str(refused.value).endswith("; 1 more is too long, the longest takes 29")
    with pytest.raises(InputError) as refused:
        pair_data([PAIRS[1]] * 3, 12, "mine")
    assert "; 2 more are too long, the longest takes 29" in str(refused.value)


# Batches


@pytest.mark.parametrize(("count", "size"), [(10, 4), (8, 4), (3, 5)])
def test_an_epoch_shows_every_example_once(count, size):
    steps = math.ceil(count / size)
    epochs = [
        np.concatenate(
            [epoch_rows(count, size, 0, steps * e + s) for s in range(steps)]
        )
        for e in range(3)
    ]
    assert all(sorted(epoch) == [*range(count)] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    again = epoch_rows(count, size, 0, 0)
    assert again.tolist() == epochs[0][:size].tolist()


def test_a_batch_is_the_pairs_asked_for():
    data = pair_data(PAIRS, CONTEXT, "here")
    batch = own_batch(data, torch.arange(6).double(), np.array([2, 0]))
    assert batch.ref_logp[batch.chosen].tolist() == [2, 0]
    assert batch.ref_logp[batch.rejected].tolist() == [5, 3]
    assert batch.label.tolist() == [1, 1]
    said = [
        decode(row[m].tolist()) for row, m in zip(batch.tokens, batch.mask, strict=True)
    ]
    assert [said[row] for row in batch.chosen] == ["4", "Hi!"]
    assert [said[row] for row in batch.rejected] == ["five, I think", "No."]


def test_columns_of_mere_padding_are_left_out_and_change_nothing():
    data, model = pair_data(PAIRS, CONTEXT, "here"), random_model()
    ref_logp = logp_of_all(random_model(1), data)
    batch = own_batch(data, ref_logp, np.array([0]))
    assert batch.tokens.shape[1] == len("Say hi.Hi!") + 1
    wide = batch._replace(tokens=data.tokens[[0, 3]], mask=data.mask[[0, 3]])
    short, long = (pair_loss(model, each, 0.5)[0].item() for each in (batch, wide))
    assert short == pytest.approx(long, rel=1e-12)


def test_log_probabilities_of_all_rows_are_those_of_the_padded_whole():
    data, model = pair_data(PAIRS, CONTEXT, "here"), random_model()
    with torch.no_grad():
        wanted = sequence_logprob(model(data.tokens), data.tokens, data.mask)
    found = logp_of_all(model, data)
    assert not found.requires_grad
    torch.testing.assert_close(found, wanted)


def test_many_rows_are_scored_in_their_order_and_few_at_once():
    """No pass holds more than a small part of them: memory does not grow with all."""
    pairs = [TextPair("?", "a" * (n % 7 + 1), "no" * (n % 5 + 1)) for n in range(200)]
    data, model, seen = pair_data(pairs, CONTEXT, "here"), random_model(), []
    with torch.no_grad():
        wanted = sequence_logprob(model(data.tokens), data.tokens, data.mask)
    model.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    torch.testing.assert_close(logp_of_all(model, data), wanted)
    assert sum(rows for rows, _ in seen) == 400
    assert all(rows * width <= AT_ONCE for rows, width in seen)
    widths = [width for _, width in seen]
    assert widths == sorted(widths, reverse=True), "what is freed must fit the next"


def test_texts_are_as_wide_as_the_longest_of_them():
    data = pair_data(PAIRS, CONTEXT, "here")
    tokens, mask = data.texts(np.array([2, 0]))  # below 3: chosen
    assert tokens.shape == mask.shape == (2, len("Say hi.Hi!") + 1)
    assert [decode(tokens[i][mask[i]].tolist()) for i in (0, 1)] == ["4", "Hi!"]


def test_the_held_out_record_is_the_loss_of_one_batch():
    data = pair_data(PAIRS, CONTEXT, "here")
    policy, reference = random_model(0), random_model(1)
    logp, ref_logp = (logp_of_all(model, data) for model in (policy, reference))
    with torch.no_grad():
        _, wanted = pair_loss(policy, own_batch(data, ref_logp, np.arange(3)), 0.5)
    found = held_out_record(logp, ref_logp, 0.5)
    assert found == pytest.approx(wanted, rel=1e-12)


# Completions


class Parrot(nn.Module):
    """Says a fixed text after the prompt "ab", byte after byte, then <eos> forever."""

    def __init__(self, text, context=CONTEXT):
        super().__init__()
        self.config = ModelConfig(vocabulary=257, context=context)
        self.says = torch.tensor([*text.encode(), *[BYTES_EOS] * context])
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, tokens):
        logits = torch.full((1, tokens.shape[1], 257), -1e4)
        logits[0, -1, self.says[tokens.shape[1] - 2]] = 0.0
        return logits


def test_a_completion_ends_at_eos_at_the_limit_or_with_the_context():
    noise = torch.Generator()
    assert complete(Parrot("Hello"), "ab", 30, noise) == "Hello"
    assert complete(Parrot("Hello"), "ab", 3, noise) == "Hel"
    assert complete(Parrot("Hello", context=6), "ab", 30, noise) == "Hell"
    assert complete(Parrot("", context=6), "ab", 30, noise) == ""
    assert complete(Parrot("Hello", context=2), "ab", 30, noise) == ""


def test_the_generator_decides_what_is_said():
    model = random_model()
    one, same, other = (
        complete(model, "Say hi.", 20, torch.Generator().manual_seed(seed))
        for seed in (0, 0, 1)
    )
    assert one == same != other
