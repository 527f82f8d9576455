"""What a run asks of the machine, before the weights are loaded.

    weights + what learns: gradient and Adam's two moments (16.3) + one forward pass

A pass keeps for its backward what chapter 16 counts per token, attention's tables where
no fused kernel takes the mask, and the logits of some positions. An estimate: whatever
libraries hold besides comes on top.
"""

from ..own_data.memory import machine_bytes
from ..real_model.scoring import CHUNK
from ..scaling.budget import Decoder
from ..validation import counted, require
from .settings import ModelSettings
from .start import Base

FLOAT, HALF = 4, 2
TABLES = 3  # of logits: themselves, their exponentials, a gradient
SCORES = 2  # T by T tables per head and layer: before the softmax and after


def decoder(base: Base) -> Decoder | None:
    """The model's sizes as chapter 16 counts them; None where they have other names."""
    config = getattr(base.config, "text_config", base.config)

    def size(*names: str) -> int:
        found = (getattr(config, name, None) for name in names)
        return next((n for n in found if isinstance(n, int) and n > 0), 0)

    width, layers = size("hidden_size", "n_embd"), size("num_hidden_layers", "n_layer")
    heads = size("num_attention_heads", "n_head")
    if not (width and layers and heads):
        return None
    mlp, gated = size("intermediate_size", "n_inner"), size("intermediate_size") > 0
    groups = heads // (size("num_key_value_heads") or heads) or 1
    matrices = 3 if gated else 2
    return Decoder(
        size("vocab_size") or 1, width, layers, mlp or 4 * width, matrices, groups
    )


def _heads(base: Base) -> int:
    config = getattr(base.config, "text_config", base.config)
    return getattr(config, "num_attention_heads", None) or config.n_head


def learning_count(base: Base, settings: ModelSettings) -> int:
    """How many weights learn; of an adapter, by the model's sizes."""
    sizes = decoder(base)
    if not settings.lora:
        return base.parameters
    return sizes.lora_parameters(settings.lora) if sizes else 0


def needed(base: Base, settings: ModelSettings, longest: int) -> int:
    """Bytes of a run whose longest row is of so many tokens."""
    learning = learning_count(base, settings)
    coarse = settings.precision == "bfloat16" and settings.lora
    weights = (HALF if coarse else FLOAT) * base.parameters + FLOAT * learning
    sizes, tokens = decoder(base), max(settings.at_once, 2 * longest)
    if sizes is None:
        return weights + 3 * FLOAT * learning
    each = HALF if settings.precision == "bfloat16" else FLOAT
    row = 2 * longest  # both answers stand in one row
    scores = SCORES * sizes.layers * _heads(base) * min(row, base.window)
    passes = each * (sizes.kept_values() + scores) * tokens
    logits = TABLES * FLOAT * sizes.vocabulary * min(CHUNK, tokens)
    return weights + 3 * FLOAT * learning + passes + logits


def told(base: Base, settings: ModelSettings) -> str:
    """The model in a line: how many weights, and how many learn."""
    learning = learning_count(base, settings)
    share = f"{counted(base.parameters, 'weight')}, of which all learn"
    if settings.lora:
        learn = f"{learning:,} in an adapter" if learning else "an adapter"
        share = f"{counted(base.parameters, 'weight')}; what learns is {learn}"
        share += f" (LoRA of rank {settings.lora})"
    return f"{type(base.config).__name__.removesuffix('Config')}, {share}"


def require_memory(bytes_needed: int) -> None:
    """Raise where this machine has less; of a GPU's memory nothing is said."""
    there = machine_bytes()
    require(
        bytes_needed < there,
        f"a run would take about {bytes_needed / 1e9:,.1f} GB, this machine has "
        f"{there / 1e9:,.1f}: lower --at-once or --max-length, take --lora instead of "
        "--full, or --precision bfloat16",
    )
