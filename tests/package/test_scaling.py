"""The sums on paper against counted FLOPs, measured bytes and transformers' models."""

import json
from itertools import accumulate
from operator import itemgetter

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dpo_edu.__main__ import main
from dpo_edu.dpo_loss import dpo_loss
from dpo_edu.own_data.settings import PRECISIONS
from dpo_edu.preference_world import build_world
from dpo_edu.scaling import (
    Decoder,
    dpo_flops,
    gpu_hours,
    logits_bytes,
    mixed_memory,
    mixed_precision,
    training_flops,
    training_memory_bytes,
)
from dpo_edu.scaling.devices import choose_device, use_threads
from dpo_edu.scaling.mixed_precision import Bfloat16, called_in, slow_advice
from dpo_edu.scaling.trainer_log import log_columns, token_columns
from dpo_edu.sequence_logprob import sequence_logprob
from dpo_edu.tiny_transformer import Block, ModelConfig, TinyTransformer
from dpo_edu.training import Schedule, Settings, minimize, model_logp, pair_loss
from dpo_edu.training.world_batches import compared_batch, world_data
from dpo_edu.training.world_run import make_reference, new_model
from dpo_edu.validation import InputError

DEVICES = ["cpu"] + ["cuda"] * torch.cuda.is_available()


def normal(*shape, seed=0):
    noise = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=noise, dtype=torch.float64)


# FLOPs


def test_training_takes_six_flops_a_weight_and_token():
    """Counted by torch: everything but attention's own products is a linear layer."""
    layers = nn.Sequential(nn.Linear(8, 24, bias=False), nn.Linear(24, 5, bias=False))
    tokens, counter = 7, FlopCounterMode(display=False)
    weights = sum(weight.numel() for weight in layers.parameters())
    with counter:
        # The input asks for its gradient, as every layer above the first one does.
        layers(torch.randn(tokens, 8, requires_grad=True)).sum().backward()
    assert counter.get_total_flops() == training_flops(weights, tokens)


def test_a_whole_transformer_is_near_the_formula():
    config = ModelConfig(vocabulary=50, context=8, width=64, layers=2, heads=4)
    model, counter = TinyTransformer(config), FlopCounterMode(display=False)
    tokens = torch.randint(50, (3, 8), generator=torch.Generator().manual_seed(0))
    with counter:
        model(tokens).sum().backward()
    matrices = sum(p.numel() for p in model.parameters() if p.dim() == 2)
    matrices -= model.token.weight.numel() + model.position.weight.numel()
    ratio = counter.get_total_flops() / training_flops(matrices, tokens.numel())
    assert 1 < ratio < 1.1  # attention's products, left out on paper


def test_dpo_is_the_policy_and_as_many_reference_passes_as_are_made():
    every = dpo_flops(7_000_000_000, 10**6, epochs=3, reference_passes=3)
    once = dpo_flops(7_000_000_000, 10**6, epochs=3, reference_passes=1)
    assert sum(every.values()) == 8 * 3 * 7 * 10**15  # 6 + 2 a weight and token
    assert sum(once.values()) == (6 * 3 + 2) * 7 * 10**15
    # "Once for all" saves 4E / (3E + 1): nothing at one epoch, a fifth at three.
    assert sum(every.values()) / sum(once.values()) == pytest.approx(4 * 3 / 10)
    at_one = [sum(dpo_flops(5, 5, 1, passes).values()) for passes in (1, 1)]
    assert at_one[0] == at_one[1] == 8 * 25


@pytest.mark.parametrize(("forwards", "flops"), [(1, 4), (2, 6)])
def test_a_frozen_matrix_under_an_adapter_needs_no_gradient_of_its_own(forwards, flops):
    """Counted by torch; with checkpointing forward is computed twice."""
    layer, tokens = nn.Linear(8, 24, bias=False).requires_grad_(False), 7
    x = torch.randn(tokens, 8, requires_grad=True)  # what the layers below need
    with (counted := FlopCounterMode(display=False)):
        for _ in range(forwards):
            out = layer(x)
        out.sum().backward()
    paper = training_flops(8 * 24, tokens, trainable=0, forwards=forwards)
    assert counted.get_total_flops() == paper == flops * 8 * 24 * tokens


def test_hours_are_work_over_speed():
    assert gpu_hours(3.6e18, peak=1e15, utilization=0.5) == pytest.approx(2)


# Memory


def _bytes(tensors) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@pytest.mark.parametrize(("dtype", "size"), [(torch.float32, 4), (torch.float64, 8)])
@pytest.mark.parametrize("frozen", [False, True])
def test_memory_is_what_torch_holds_after_a_step(dtype, size, frozen):
    """Weights, gradients and Adam's two moments, measured; some weights may rest."""
    model = nn.Sequential(nn.Linear(9, 30), nn.Linear(30, 4)).to(dtype)
    model[0].requires_grad_(not frozen)
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(learning)
    model(torch.ones(2, 9, dtype=dtype)).sum().backward()
    optimizer.step()
    states = optimizer.state.values()
    moments = [state[name] for state in states for name in ("exp_avg", "exp_avg_sq")]
    held = [*model.parameters(), *(weight.grad for weight in learning), *moments]
    counts = [sum(w.numel() for w in group) for group in (model.parameters(), learning)]
    assert _bytes(held) == training_memory_bytes(*counts, size)


def test_mixed_precision_takes_sixteen_bytes_a_learning_weight_and_two_a_resting_one():
    assert sum(mixed_memory(1_000, 1_000).values()) == 16_000
    assert sum(mixed_memory(1_000, 10, reference=0).values()) == 2_140
    assert mixed_memory(1_000, 10, reference=900)["reference weights"] == 1_800


@pytest.mark.parametrize("width", [32, 64])
def test_kept_values_are_what_autograd_saves(width):
    """One layer of chapter 09: what its backward pass holds, each storage once."""
    heads, time, rows = 4, 6, 3
    block = Block(ModelConfig(10, time, width, layers=1, heads=heads))
    weights = {weight.data_ptr() for weight in block.parameters()}
    kept = {}

    def keep(tensor):
        table = tensor.shape[-2:] == (time, time)  # paper takes attention as fused
        statistic = tensor.dim() < 2 or tensor.shape[-1] == 1  # of a norm, and the like
        if not (table or statistic or tensor.data_ptr() in weights):
            kept[tensor.data_ptr()] = max(
                kept.get(tensor.data_ptr(), 0), tensor.numel()
            )
        return tensor

    x = torch.randn(rows, time, width, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = block(x)
    paper = Decoder(10, width, layers=1, mlp=4 * width, mlp_matrices=2).kept_values()
    assert out.requires_grad
    assert paper == 16 * width
    assert sum(kept.values()) / (rows * time) == pytest.approx(paper, rel=0.1)


def test_checkpointing_keeps_one_layer_and_every_input():
    one, many = Decoder(layers=1), Decoder(layers=20)
    assert many.kept_values() == 20 * one.kept_values()
    assert many.kept_layer_inputs() == 20 * many.width + one.kept_values()


def test_logits_take_what_torch_allocates_at_the_worst_moment(tmp_path):
    """The profiler's own list of allocations, of bfloat16 logits forward and back."""
    rows, time, words = 4, 64, 3_000
    weight = torch.randn(words, 2, requires_grad=True)
    tokens = torch.randint(words, (rows, time), generator=torch.Generator())
    mask = torch.arange(time).expand(rows, time) > 9

    def step():
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = torch.ones(rows, time, 2) @ weight.T
        sequence_logprob(logits, tokens, mask).sum().backward()

    step()
    with torch.profiler.profile(profile_memory=True) as profile:
        step()
    profile.export_chrome_trace(str(tmp_path / "trace.json"))
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    memory = [event for event in events if event["name"] == "[memory]"]
    memory.sort(key=itemgetter("ts"))
    held = accumulate(event["args"]["Bytes"] for event in memory)
    assert max(held) == pytest.approx(logits_bytes(words, rows * time), rel=0.05)


def test_seven_billion_is_llama_s_own_count():
    transformers = pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
    with torch.device("meta"):  # shapes without memory
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig())
    assert Decoder().parameters == model.num_parameters() == 6_738_415_616


def test_shared_keys_and_values_are_counted_as_in_llama_3():
    transformers = pytest.importorskip("transformers", reason="pip install -e '.[dev]'")
    sizes = {"vocab_size": 128_256, "intermediate_size": 14_336}
    config = transformers.LlamaConfig(num_key_value_heads=8, **sizes)  # of 32 heads
    with torch.device("meta"):
        model = transformers.LlamaForCausalLM(config)
    paper = Decoder(vocabulary=128_256, mlp=14_336, kv_groups=4)
    assert paper.parameters == model.num_parameters() == 8_030_261_248


def test_adapters_are_counted_as_peft_makes_them():
    pytest.importorskip("peft", reason="pip install -e '.[dev]'")
    from dpo_edu.experiments.scaling import tiny_llama

    model = tiny_llama.with_adapter(tiny_llama.model(), rank=3)  # 4 heads, 2 of keys
    sizes = Decoder(vocabulary=1, width=32, layers=2, mlp=64, kv_groups=2)
    learning = [p.numel() for p in model.parameters() if p.requires_grad]
    assert sum(learning) == sizes.lora_parameters(3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: training_memory_bytes(10, 11, 4), "count all weights"),
        (lambda: training_memory_bytes(10, 1, 0), "bytes_per_value"),
        (lambda: training_flops(-1, 2), "parameters must be 0 or more"),
        (lambda: gpu_hours(1, 1, 1.5), "utilization must be a number from 0 to 1"),
        (lambda: gpu_hours(1, 0, 0.5), "peak"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_one_line(call, words):
    with pytest.raises(InputError, match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value)


# The log


def test_columns_of_two_pairs_by_hand():
    four = [torch.tensor(x) for x in ([-4.0, -9], [-6.0, -5], [-5.0, -8], [-5.0, -5])]
    columns = log_columns(*four, beta=0.5)
    assert columns["logps/chosen"] == -6.5
    assert columns["logps/rejected"] == -5.5
    assert columns["rewards/chosen"] == 0.0  # 0.5 * (1 - 1) / 2
    assert columns["rewards/rejected"] == -0.25
    assert columns["rewards/margins"] == 0.25
    assert columns["rewards/accuracies"] == 0.5
    assert columns["loss"] == dpo_loss(*four, 0.5).item()


def test_at_the_start_the_accuracy_is_zero_and_the_loss_log_two():
    logp = normal(4)
    columns = log_columns(logp, logp - 1, logp, logp - 1, beta=0.1)
    assert columns["rewards/accuracies"] == 0
    assert columns["loss"] == pytest.approx(0.6931471805599453)


def test_token_columns_against_a_loop():
    logits, tokens = normal(2, 5, 7), torch.tensor([[1, 2, 3, 4, 5], [6, 5, 4, 3, 2]])
    mask = torch.tensor([[0, 0, 1, 1, 0], [0, 1, 1, 1, 1]])
    rows, entropies, right = [], [], []
    for b, t in mask.nonzero().tolist():
        one = logits[b, t - 1]
        rows.append(sum(one.tolist()) / 7)
        entropies.append(torch.distributions.Categorical(logits=one).entropy().item())
        right.append(one.argmax().item() == tokens[b, t].item())
    columns = token_columns(logits, tokens, mask)
    assert columns["logits"] == pytest.approx(sum(rows) / 6)
    assert columns["entropy"] == pytest.approx(sum(entropies) / 6)
    assert columns["mean_token_accuracy"] == sum(right) / 6


def test_a_constant_on_all_logits_changes_that_column_and_no_other():
    logits, tokens = normal(2, 5, 7), torch.tensor([[1, 2, 3, 4, 5], [6, 5, 4, 3, 2]])
    mask = torch.tensor([[0, 0, 1, 1, 0], [0, 1, 1, 1, 1]])
    before, after = (token_columns(x, tokens, mask) for x in (logits, logits + 3))
    assert after.pop("logits") == pytest.approx(before.pop("logits") + 3)
    assert after == pytest.approx(before)
    same = [sequence_logprob(x, tokens, mask) for x in (logits, logits + 3)]
    torch.testing.assert_close(*same)


# The loop elsewhere


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("called_as", [lambda model: model, Bfloat16])
def test_the_same_loop_on_every_device_and_in_bfloat16(device, called_as):
    """The world, SFT, DPO; a GPU is used where there is one."""
    data = world_data(build_world(1), choose_device(device), torch.float32)
    settings = Settings(sft=Schedule(20, 3e-3), group_size=8)
    reference = make_reference(data, settings)
    model = new_model(data, seed=0)
    model.load_state_dict(reference.model.state_dict())
    policy, losses = called_as(model), []

    def loss_at(step):
        return pair_loss(policy, compared_batch(data, reference.logp, 8, 0, step), 1.0)

    def after_step(report):
        losses.append(report.record["loss"])

    minimize(model, loss_at, Schedule(20, 1e-2), after_step=after_step)
    assert losses[0] == pytest.approx(0.6931, abs=2e-3)
    assert sum(losses[-5:]) < sum(losses[:5])
    assert next(model.parameters()).dtype == torch.float32


def test_bfloat16_gives_float32_log_probabilities_near_the_exact_ones():
    data = world_data(build_world(2), dtype=torch.float32)
    model = make_reference(data, Settings(sft=Schedule(30, 3e-3))).model
    tokens, mask = data.tokens[:400], data.mask[:400]
    with torch.no_grad():
        exact, rounded = (
            model_logp(policy, tokens, mask) for policy in (model, Bfloat16(model))
        )
        assert Bfloat16(model)(tokens).dtype == torch.bfloat16
    assert rounded.dtype == torch.float32
    assert 0 < (exact - rounded).abs().max() < 0.1


@pytest.mark.parametrize("precision", ["bfloat16", "medium"])
def test_a_coarse_run_says_how_coarse_it_was(precision, tmp_path, capsys):
    lines = [
        {"prompt": f"{n}? ", "chosen": f"yes {n}", "rejected": "no" * n}
        for n in range(1, 13)
    ]
    data = tmp_path / "pairs.jsonl"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    few = ["--sft-epochs", "1", "--epochs", "1", "--context", "64"]
    words = ["train", "--data", str(data), "--out", str(tmp_path), *few]
    try:
        assert main([*words, "--precision", precision]) == 0
    finally:
        torch.set_float32_matmul_precision("highest")
    report = json.loads((tmp_path / "train-001" / "report.json").read_text())
    error = report[precision]["largest_error"]
    assert 0 <= error < 0.1
    assert (
        f"in {precision} a held-out log-probability is off" in capsys.readouterr().out
    )


def test_a_precision_that_nobody_knows_and_threads_that_nobody_has(tmp_path, capsys):
    with pytest.raises(InputError, match="--precision is one of float32, bfloat16"):
        called_in("float16")
    assert tuple(mixed_precision.WAYS) == PRECISIONS
    with pytest.raises(
        InputError, match=r"--threads, count must be .* from 1 to 1024, got 0"
    ):
        use_threads(0)


@pytest.mark.parametrize("has_units", [True, False])
def test_a_processor_without_units_is_told(has_units, monkeypatch):
    monkeypatch.setattr(mixed_precision, "has_bfloat16_units", lambda device: has_units)
    cpu = torch.device("cpu")
    assert ("loses digits" in slow_advice("medium", cpu)) is not has_units
    assert slow_advice("float32", cpu) == ""
