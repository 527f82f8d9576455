"""The transformer against torch's own layers, loops, counted FLOPs, and causality."""

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from scipy.stats import chisquare
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dpo_edu import tiny_transformer
from dpo_edu.scaling.model_size import forward_flops, parameter_count
from dpo_edu.tiny_transformer import (
    ModelConfig,
    TinyTransformer,
    causal_attention,
    sample_token,
)
from dpo_edu.training.fused_attention import attention_for, fused_attention
from dpo_edu.validation import InputError

SMALL = ModelConfig(vocabulary=7, context=6, width=8, layers=2, heads=4)
SIZES = (SMALL, ModelConfig(11, 9), ModelConfig(5, 3, width=6, layers=3, heads=1))
TOKENS = torch.tensor([[1, 4, 2, 6, 0, 3], [5, 5, 1, 0, 2, 2]])


def normal(*shape, seed=0):
    noise = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=noise, dtype=torch.float64)


def qkv(batch=2, heads=3, time=5, width=4):
    return tuple(normal(batch, heads, time, width, seed=seed) for seed in range(3))


def random_model(config=SMALL):
    """A float64 model whose head is not zero, so that its logits say something."""
    torch.manual_seed(0)
    model = TinyTransformer(config).double()
    nn.init.normal_(model.head.weight)
    return model


# Attention


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (1, 1, 1, 1), (3, 2, 8, 6)])
def test_attention_equals_torch_s(shape):
    q, k, v = qkv(*shape)
    wanted = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(causal_attention(q, k, v), wanted)


def test_attention_equals_a_loop():
    q, k, v = qkv(batch=1, heads=1)
    found = causal_attention(q, k, v)[0, 0]
    q, k, v = q[0, 0].tolist(), k[0, 0].tolist(), v[0, 0].tolist()
    for t, query in enumerate(q):
        scores = [sum(map(float.__mul__, query, k[s])) / 2 for s in range(t + 1)]
        weights = [math.exp(score) for score in scores]
        mixed = [
            sum(w * v[s][d] for s, w in enumerate(weights)) / sum(weights)
            for d in range(4)
        ]
        assert found[t].tolist() == pytest.approx(mixed, rel=1e-12)


def test_attention_to_equal_keys_is_the_running_mean():
    _, k, v = qkv()
    counts = torch.arange(1, 6, dtype=torch.float64)[:, None]
    found = causal_attention(torch.zeros_like(k), k, v)
    torch.testing.assert_close(found, v.cumsum(2) / counts)


def test_attention_reads_nothing_of_the_future():
    q, k, v = (x.requires_grad_(True) for x in qkv())
    for t in range(5):
        past = causal_attention(q, k, v)[:, :, t].sum()
        for gradient in torch.autograd.grad(past, (k, v)):
            assert not gradient[:, :, t + 1 :].any()
            assert gradient[:, :, 0].any() or t == 0


def test_attention_gradients_equal_finite_differences():
    inputs = tuple(x.requires_grad_(True) for x in qkv(1, 2, 3, 2))
    assert torch.autograd.gradcheck(causal_attention, inputs)


def test_attention_survives_large_scores():
    q, k, v = qkv()
    found = causal_attention(1e3 * q, 1e3 * k, v)
    wanted = F.scaled_dot_product_attention(1e3 * q, 1e3 * k, v, is_causal=True)
    torch.testing.assert_close(found, wanted)


# The model


def torch_s_own(model):
    """The same layers, built from torch's: the weights are ours, the code is not."""
    config, layers = model.config, []
    for block in model.blocks:
        layer = nn.TransformerEncoderLayer(
            config.width,
            config.heads,
            4 * config.width,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
            dtype=torch.float64,
        )
        for theirs, ours in (
            (layer.self_attn.out_proj, block.out),
            (layer.linear1, block.up),
            (layer.linear2, block.down),
            (layer.norm1, block.norm_attention),
            (layer.norm2, block.norm_mlp),
        ):
            theirs.load_state_dict(ours.state_dict())
        layer.self_attn.in_proj_weight.data.copy_(block.qkv.weight)
        layer.self_attn.in_proj_bias.data.copy_(block.qkv.bias)
        layers.append(layer)
    return layers


@pytest.mark.parametrize("config", SIZES)
def test_model_equals_torch_s_own_layers(config):
    model = random_model(config)
    with torch.no_grad():  # norms that do something
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.add_(normal(config.width))
    tokens = torch.arange(2 * config.context).view(2, -1) % config.vocabulary
    x = model.token.weight[tokens] + model.position.weight
    mask = nn.Transformer.generate_square_subsequent_mask(config.context).double()
    for layer in torch_s_own(model):
        x = layer(x, src_mask=mask)
    x = F.layer_norm(x, (config.width,), model.norm.weight, model.norm.bias)
    torch.testing.assert_close(model(tokens), x @ model.head.weight.T)


def test_changing_the_future_changes_nothing():
    model = random_model()
    logits = model(TOKENS)
    for t in range(1, 6):
        changed = TOKENS.clone()
        changed[:, t:] = (changed[:, t:] + 1) % 7
        found = model(changed)
        torch.testing.assert_close(found[:, :t], logits[:, :t], rtol=0, atol=1e-14)
        assert (found[:, t] - logits[:, t]).abs().max() > 0.01


def test_the_past_and_its_order_are_read():
    model = random_model()
    last = model(TOKENS)[0, -1]
    for t in range(5):
        changed = TOKENS.clone()
        changed[0, t] = (changed[0, t] + 1) % 7
        assert (model(changed)[0, -1] - last).abs().max() > 1e-3
    exchanged = TOKENS[:, [1, 0, 2, 3, 4, 5]]
    assert (model(exchanged)[0, -1] - last).abs().max() > 1e-3


def test_rows_and_prefixes_do_not_depend_on_their_company():
    model = random_model()
    logits = model(TOKENS)
    torch.testing.assert_close(model(TOKENS[1:]), logits[1:])
    torch.testing.assert_close(model(TOKENS[:, :3]), logits[:, :3])


def test_a_new_model_is_nearly_uniform_and_its_loss_near_log_v():
    for config in SIZES:
        torch.manual_seed(0)
        model = TinyTransformer(config)
        logits = model(torch.zeros(2, 3, dtype=torch.long))
        assert logits.shape == (2, 3, config.vocabulary)
        loss = F.cross_entropy(logits.flatten(0, 1), torch.arange(6) % 5)
        assert loss.item() == pytest.approx(math.log(config.vocabulary), abs=0.1)
        torch.nn.init.zeros_(model.head.weight)
        loss = F.cross_entropy(
            model(torch.zeros(1, 3, dtype=torch.long))[0], torch.arange(3)
        )
        assert loss.item() == pytest.approx(math.log(config.vocabulary), rel=1e-6)


def test_the_same_seed_gives_the_same_model_and_no_call_is_random():
    one, other = random_model(), random_model()
    assert torch.equal(one(TOKENS), other(TOKENS))
    assert torch.equal(one(TOKENS), one(TOKENS))


def test_every_parameter_is_trained():
    model = random_model()
    logits = model(TOKENS)[:, :-1].flatten(0, 1)
    F.cross_entropy(logits, TOKENS[:, 1:].flatten()).backward()
    assert all(weight.grad is not None for weight in model.parameters())
    assert all(weight.grad.any() for weight in model.parameters())


def test_a_few_steps_memorize_two_sentences():
    model = random_model().float()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        logits = model(TOKENS)[:, :-1].flatten(0, 1)
        loss = F.cross_entropy(logits, TOKENS[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


def test_the_file_fits_on_two_screens():
    assert len(Path(tiny_transformer.__file__).read_text().splitlines()) <= 80


# Size


def counted(config):
    width, layers = config.width, config.layers
    layer = (
        2 * 2 * width  # two norms
        + (width + 1) * 3 * width + (width + 1) * width  # qkv, out
        + (width + 1) * 4 * width + (4 * width + 1) * width  # up, down
    )  # fmt: skip
    embeddings = (config.vocabulary + config.context) * width
    return embeddings + layers * layer + 2 * width + width * config.vocabulary


@pytest.mark.parametrize("config", SIZES)
def test_parameters_counted_by_hand(config):
    assert parameter_count(TinyTransformer(config)) == counted(config)


@pytest.mark.parametrize("config", SIZES)
def test_forward_flops_equal_torch_s_count_and_training_three_times_that(config):
    model = TinyTransformer(config)
    for tokens in (config.context, 2):
        row = torch.zeros(1, tokens, dtype=torch.long)
        with FlopCounterMode(display=False) as forward:
            logits = model(row)
        assert forward_flops(config, tokens) == forward.get_total_flops()
        with FlopCounterMode(display=False) as backward:
            logits.sum().backward()
        assert backward.get_total_flops() == 2 * forward_flops(config, tokens)


# Sampling


LOGITS = torch.tensor([0.0, 1.0, -1.0, 0.5, -math.inf], dtype=torch.float64)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_samples_follow_the_tempered_softmax(temperature):
    draws, noise = 20_000, torch.Generator().manual_seed(1)
    tokens = sample_token(LOGITS.expand(draws, 5), temperature, noise)
    seen = torch.bincount(tokens, minlength=5)
    weights = [math.exp(x / temperature) for x in LOGITS.tolist()]
    wanted = [draws * w / sum(weights) for w in weights]
    assert seen[4] == 0
    assert chisquare(seen[:4].tolist(), wanted[:4]).pvalue > 0.001


def test_each_row_is_drawn_from_its_own_logits():
    sure = torch.full((4, 4), -1e4).fill_diagonal_(0)
    assert sample_token(sure).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("temperature", [1e-3, 1e-39])
def test_a_low_temperature_takes_the_best_token(temperature):
    logits = normal(50, 6).float()
    assert torch.equal(sample_token(logits, temperature), logits.argmax(-1))


def test_the_generator_decides_and_the_global_state_stays():
    logits, state = normal(50, 6), torch.get_rng_state()
    draws = [
        sample_token(logits, 1.0, torch.Generator().manual_seed(seed))
        for seed in (3, 3, 4)
    ]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(torch.get_rng_state(), state)
    assert draws[0].shape == (50,)
    assert draws[0].dtype == torch.long


# Input errors: one line that says what to do


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf])
def test_temperatures_that_mean_nothing_are_refused(temperature):
    with pytest.raises(InputError, match="temperature must be a finite number above 0"):
        sample_token(LOGITS[None], temperature)


def test_sequences_beyond_the_context_are_refused():
    with pytest.raises(InputError, match="7 tokens do not fit a context of 6"):
        random_model()(torch.zeros(1, 7, dtype=torch.long))


def test_heads_must_divide_the_width():
    with pytest.raises(InputError, match="heads must divide width"):
        TinyTransformer(ModelConfig(5, 4, width=8, heads=3))


@pytest.mark.parametrize("length", [1, 7, 64])
def test_the_fused_kernel_gives_the_same_values_and_gradients(length):
    both = []
    for attend in (causal_attention, fused_attention):
        torch.manual_seed(length)
        heads = [torch.randn(2, 3, length, 4).double().requires_grad_() for _ in "qkv"]
        out = attend(*heads)
        both.append([out, *torch.autograd.grad(out.sin().sum(), heads)])
    for one, other in zip(*both, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


def test_a_model_attends_as_it_is_told():
    config, tokens = ModelConfig(5, 8, width=8, layers=2), torch.tensor([[1, 2, 3, 4]])
    told = []
    for attend in (causal_attention, fused_attention):
        torch.manual_seed(0)
        told.append(TinyTransformer(config, attend).double()(tokens))
    torch.testing.assert_close(*told, atol=1e-12, rtol=0)
    assert attention_for("float32") is fused_attention
    assert attention_for("bfloat16") is causal_attention
