"""A transformers model in our loop, against one row and one token at a time."""

import math

import pytest
import torch

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
pytest.importorskip("peft", reason="pip install -e '.[dev]'")

from dpo_edu.experiments.scaling import tiny_llama
from dpo_edu.scaling.transformers_policy import (
    AdapterOff,
    TransformersPolicy,
    chat_tokens,
    pad_left,
    require_one_bos,
)
from dpo_edu.sequence_logprob import pad_sequences
from dpo_edu.training import (
    PairBatch,
    Schedule,
    dpo_step,
    minimize,
    model_logp,
    pair_loss,
)
from dpo_edu.validation import InputError

TOKENIZER = tiny_llama.tokenizer()
PAD, EOS = TOKENIZER.pad_token_id, TOKENIZER.eos_token_id
ROWS = [
    chat_tokens(TOKENIZER, pair.prompt, text)
    for pair in tiny_llama.PAIRS
    for text in (pair.chosen, pair.rejected)
]
LAID = {"left": pad_left, "right": pad_sequences}


def one_by_one(model, prompt, response) -> float:
    """log pi(y|x): the model reads the row so far and is asked for the next token."""
    total, so_far = 0.0, list(prompt)
    for token in response:
        logits = model(input_ids=torch.tensor([so_far])).logits[0, -1].tolist()
        total += logits[token] - math.log(sum(map(math.exp, logits)))
        so_far.append(token)
    return total


def laid_out(side, pad=PAD):
    prompts, responses = zip(*ROWS, strict=True)
    return LAID[side](prompts, responses, pad)


def batch(side="left"):
    tokens, mask = laid_out(side)
    chosen = torch.arange(0, len(ROWS), 2)
    zero = torch.zeros(len(ROWS), dtype=torch.float64)
    ones = torch.ones(len(chosen), dtype=torch.float64)
    return PairBatch(tokens, mask, zero, chosen, chosen + 1, ones)


# Scoring


@pytest.mark.parametrize("side", LAID)
@pytest.mark.parametrize("pad", [PAD, EOS])
def test_padded_rows_score_as_each_row_alone(side, pad):
    """<eos> may pad too: the one that ends a response is scored all the same."""
    model = tiny_llama.model()
    with torch.no_grad():
        expected = [one_by_one(model, *row) for row in ROWS]
        scored = model_logp(TransformersPolicy(model, pad), *laid_out(side, pad))
    assert scored.tolist() == pytest.approx(expected, abs=1e-10)


def test_the_test_above_can_fail():
    """Without an attention mask the padding on the left is read as a text."""
    model = tiny_llama.model()
    with torch.no_grad():
        expected = [one_by_one(model, *row) for row in ROWS]
        naive = model_logp(lambda x: model(input_ids=x).logits, *laid_out("left"))
    assert (naive - torch.tensor(expected)).abs().max() > 0.5


def test_positions_count_from_the_first_real_token():
    """GPT-2 has absolute positions: there padding shifts them unless they are given."""
    model = gpt2(bos_token_id=1)
    with torch.no_grad():
        expected = [one_by_one(model, *row) for row in ROWS]
        scored = model_logp(TransformersPolicy(model, PAD), *laid_out("left"))
    assert scored.tolist() == pytest.approx(expected, abs=1e-10)


def test_a_padding_that_begins_rows_is_refused():
    with pytest.raises(InputError, match="token 1 is <bos>"):
        TransformersPolicy(tiny_llama.model(), pad=TOKENIZER.bos_token_id)


def test_a_missing_padding_is_refused_with_advice():
    """Llama 2's tokenizer has none."""
    with pytest.raises(InputError, match=r"pad is None: .* use its eos_token_id"):
        TransformersPolicy(tiny_llama.model(), pad=None)


def gpt2(**marks):
    """A small GPT-2 in float64, with absolute positions and the marks asked for."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"vocab_size": 30, "n_positions": 40, "n_embd": 32, "n_layer": 2}
    config = GPT2Config(**sizes, n_head=4, initializer_range=0.3, **marks)
    return GPT2LMHeadModel(config).double().eval()


@pytest.mark.parametrize("side", LAID)
@pytest.mark.parametrize("eos", [EOS, [EOS, 29]])
def test_one_mark_for_begin_end_and_padding_is_no_obstacle(side, eos):
    """As in GPT-2 itself: nothing is put in front, so no row begins with it."""
    model = gpt2(bos_token_id=EOS, eos_token_id=eos, pad_token_id=EOS)
    with torch.no_grad():
        expected = [one_by_one(model, *row) for row in ROWS]
        scored = model_logp(TransformersPolicy(model, EOS), *laid_out(side, EOS))
    assert scored.tolist() == pytest.approx(expected, abs=1e-10)


def test_a_model_that_names_no_marks_is_taken():
    """Some configurations, Gemma 3's for one, keep them elsewhere."""
    model = gpt2(bos_token_id=1)
    del model.config.bos_token_id, model.config.eos_token_id
    assert TransformersPolicy(model, PAD).pad == PAD


def test_a_row_that_begins_with_padding_is_not_laid_out():
    with pytest.raises(InputError, match="a row begins with token 9"):
        pad_left([[5], [9, 6]], [[1], [2]], pad=9)


# Chats


def test_a_chat_is_the_template_s_text_and_its_answer_ends():
    asked, answered = chat_tokens(TOKENIZER, "is the water on", "the tap is off")
    assert TOKENIZER.decode(asked) == "<bos> <user> is the water on <eos> <bot>"
    assert TOKENIZER.decode(answered) == "the tap is off <eos>"


def test_a_doubled_bos_is_found():
    """The template has written one, the tokenizer puts another before it."""
    chat = [{"role": "user", "content": "how"}]
    text = TOKENIZER.apply_chat_template(chat, tokenize=False)
    with pytest.raises(InputError, match=r"two <bos> .*add_special_tokens=False"):
        require_one_bos(TOKENIZER(text)["input_ids"], TOKENIZER.bos_token_id)
    once = TOKENIZER(text, add_special_tokens=False)["input_ids"]
    require_one_bos(once, TOKENIZER.bos_token_id)
    require_one_bos([4, 4, 4], None)


def test_a_template_whose_prompt_changes_is_refused():
    other = tiny_llama.tokenizer()
    other.chat_template = (
        "<bos> {% for m in messages %}{{ m['content'] + ' ' }}{% endfor %}"
        "{% if add_generation_prompt %}<bot> {% endif %}"
    )
    with pytest.raises(InputError, match="change when an answer follows"):
        chat_tokens(other, "is the water on", "on")


# Training


def adapted():
    policy = TransformersPolicy(tiny_llama.with_adapter(tiny_llama.model()), PAD)
    return policy, AdapterOff(policy)


def test_with_the_adapter_off_it_is_the_base_model():
    policy, reference = adapted()
    base = TransformersPolicy(tiny_llama.model(), PAD)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
    losses = [dpo_step(policy, reference, optimizer, batch(), 0.1) for _ in range(6)]
    with torch.no_grad():
        now, off, plain = (model(batch().tokens) for model in (policy, reference, base))
    torch.testing.assert_close(off, plain)
    assert (now - off).abs().max() > 0.01
    assert losses[0] == pytest.approx(math.log(2))  # a fresh adapter changes nothing
    assert losses[-1] < losses[0] - 0.05


def test_only_the_adapter_learns():
    policy, reference = adapted()
    before = {name: weight.clone() for name, weight in policy.named_parameters()}
    learning = [weight for weight in policy.parameters() if weight.requires_grad]
    dpo_step(policy, reference, torch.optim.Adam(learning, lr=0.02), batch(), 0.1)
    after = dict(policy.named_parameters())
    moved = {name for name in after if not after[name].equal(before[name])}
    assert moved
    assert all("lora" in name for name in moved)


def test_a_policy_without_adapter_cannot_be_its_own_reference():
    with pytest.raises(InputError, match="no adapter to switch off"):
        AdapterOff(TransformersPolicy(tiny_llama.model(), PAD))


@pytest.mark.parametrize("side", LAID)
def test_gradients_are_those_of_rows_alone(side):
    model = tiny_llama.model()
    here = batch(side)
    loss, _ = pair_loss(TransformersPolicy(model, PAD), here, beta=0.1)
    got = torch.autograd.grad(loss, model.lm_head.weight)[0]
    logp = []
    for prompt, response in ROWS:
        tokens = torch.tensor([prompt + response])
        each = model(input_ids=tokens).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
        logp.append(each[torch.arange(len(response)), response].sum())
    margins = [0.1 * (logp[i] - logp[i + 1]) for i in range(0, len(logp), 2)]
    slow = -torch.stack([torch.sigmoid(margin).log() for margin in margins]).mean()
    expected = torch.autograd.grad(slow, model.lm_head.weight)[0]
    torch.testing.assert_close(got, expected)


def test_our_own_loop_trains_it():
    policy, reference = adapted()
    here, seen = batch(), []
    with torch.no_grad():
        ref_logp = model_logp(reference, here.tokens, here.mask)
    here = here._replace(ref_logp=ref_logp)
    minimize(
        policy,
        lambda step: pair_loss(policy, here, 0.1),
        Schedule(12, 0.02, warmup=1),
        after_step=lambda report: seen.append(report.record["loss"]),
    )
    assert seen[0] == pytest.approx(math.log(2))
    assert seen[-1] < 0.5
