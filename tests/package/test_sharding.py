"""Memory as it is saved now: shared out, quantized, against published numbers."""

import pytest
import torch

from dpo_edu.experiments.grid import stored
from dpo_edu.experiments.scaling import measured_cost
from dpo_edu.scaling import Decoder, mixed_memory
from dpo_edu.scaling.recipes import RECIPES, Recipe, table
from dpo_edu.scaling.sharding import SHARED, gathered_bytes, sharded_memory
from dpo_edu.validation import InputError

# Rajbhandari et al. 2020, section 5: GB per GPU, 7.5 billion weights, 64 GPUs.
ZERO = {0: 120, 1: 31.4, 2: 16.6, 3: 1.9}


@pytest.mark.parametrize(("stage", "published"), ZERO.items())
def test_a_stage_leaves_what_the_zero_paper_says(stage, published):
    states = mixed_memory(7_500_000_000, 7_500_000_000)
    here = sum(sharded_memory(states, 64, stage).values()) / 1e9
    assert round(here, 1) == published


def test_every_part_is_shared_out_but_what_belongs_to_a_gpu_s_own_pairs():
    parts = mixed_memory(1_000, 400, reference=900)
    assert {name for names in SHARED for name in names} == set(parts)
    assert sharded_memory(parts, 1) == parts
    own = sharded_memory(parts | {"activations": 5.0}, 10)
    assert own.pop("activations") == 5.0
    assert sum(own.values()) == pytest.approx(sum(parts.values()) / 10)


def test_what_is_gathered_is_a_layer_or_a_table():
    assert gathered_bytes(Decoder()) == 4 * Decoder().layer_parameters
    wide = Decoder(vocabulary=128_256, mlp=14_336, kv_groups=4)
    assert gathered_bytes(wide) == 4 * 128_256 * 4_096


@pytest.mark.parametrize(
    ("arguments", "named"),
    [({"gpus": 0}, "gpus"), ({"gpus": 2, "stage": 4}, "stage")],
)
def test_what_cannot_be_shared_out_is_refused(arguments, named):
    with pytest.raises(InputError, match=named):
        sharded_memory({"gradients": 8.0}, **arguments)


def test_a_quantized_base_and_an_optimizer_of_8_bits_take_less():
    quantized = mixed_memory(1_000, 10, frozen_bytes=0.5)
    assert quantized["policy weights"] == 990 * 0.5 + 10 * 2
    assert sum(mixed_memory(1_000, 1_000, moment_bytes=2).values()) == 10_000
    moments = [torch.zeros(1_000, dtype=torch.uint8) for _ in range(2)]
    held = sum(moment.numel() * moment.element_size() for moment in moments)
    assert mixed_memory(1_000, 1_000, moment_bytes=2)["Adam's moments"] == held


def test_a_head_that_is_the_token_table_is_counted_once():
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 32, "intermediate_size": 64, "vocab_size": 100}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    for tied in (False, True):
        config = transformers.LlamaConfig(
            num_hidden_layers=2, tie_word_embeddings=tied, **sizes, **heads
        )
        model = transformers.LlamaForCausalLM(config)
        paper = Decoder(100, 32, 2, 64, kv_groups=2, embeddings=1 if tied else 2)
        assert paper.parameters == sum(w.numel() for w in model.parameters())


# Recipes


def test_a_recipe_names_its_source_and_states_what_is_possible():
    assert len({recipe.model for recipe in RECIPES}) == len(RECIPES) >= 8
    for recipe in RECIPES:
        assert recipe.source.startswith(("arXiv:", "github.com/")), recipe.model
        assert recipe.learning_rate is None or 1e-9 < recipe.learning_rate < 1e-3
        summed = recipe.loss != "per token"
        assert recipe.beta is None or (recipe.beta < 1) == summed, recipe.model


def test_steps_follow_where_everything_is_stated():
    whole = Recipe("x", "DPO", 0.1, 1e-6, 128, 260_000, 1, "-", "arXiv:0")
    assert whole.steps == 2_032  # 2,031 whole batches and a part of one
    assert whole._replace(pairs=None).steps is None


def test_a_table_shows_what_is_not_stated():
    lines = table().splitlines()
    assert len(lines) == len(RECIPES) + 1
    for recipe, line in zip(RECIPES, lines[1:], strict=True):
        shown = recipe._replace(epochs=0)  # epochs have no column
        assert line.count("?") == shown.count(None)
        assert recipe.model in line


# The step on 135 million weights


def test_what_was_measured_is_the_model_that_is_counted():
    found = stored("scaling", "measured_cost")
    assert {"processor", "torch", "transformers", "day"} <= set(found["where"])
    for way in measured_cost.WAYS:
        here, paper = found["measured"][way], measured_cost.on_paper(way)
        assert here["learn"] == paper["learn"]
        assert here["peak"] > here["libraries"] + paper["states"]
        assert here["seconds"] > 0


@pytest.mark.parametrize("frozen", [False, True])
def test_products_are_counted_also_where_a_gradient_is_taken_inside(frozen):
    """The scorer's chunks take gradients in a forward pass."""
    pytest.importorskip("transformers")
    from dpo_edu.experiments.scaling import tiny_llama
    from dpo_edu.real_model.scoring import Group, Scorer

    model = tiny_llama.model().requires_grad_(not frozen)
    with measured_cost.Counted() as counted:
        Scorer(model).logp([Group([1, 3, 4], [[5, 6, 2]])]).sum()
    words = model.config.vocab_size
    sizes = Decoder(words, width=32, layers=2, mlp=64, kv_groups=2)
    matrices = sizes.layers * (sizes.layer_parameters - 2 * sizes.width)
    head = 2 * words * sizes.width * 3  # of five tokens, three are scored
    passes = 2 if frozen else 1  # a frozen head's slope is taken at once
    assert counted.total == 2 * matrices * 5 + passes * head
