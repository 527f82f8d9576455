"""The transformer of chapter 09 under the names of GPT-2: its sizes and its weights.

It is a GPT-2 with an exact GELU and a head of its own, so GPT2LMHeadModel gives the
same logits. Its linear layers store matrices transposed. One position more is there
than was trained, for trainers that append ``<eos>`` to a response of full length. This
module imports no transformers.
"""

import torch

from ...tiny_transformer import ModelConfig, TinyTransformer
from ...validation import require_type


def gpt2_config(config: ModelConfig) -> dict:
    """The same sizes under GPT-2's names; ``<eos>`` is the last token."""
    require_type(ModelConfig, config=config)
    last = config.vocabulary - 1
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": config.vocabulary,
        "n_positions": config.context + 1,
        "n_embd": config.width,
        "n_layer": config.layers,
        "n_head": config.heads,
        "activation_function": "gelu",  # exact, where GPT-2 itself has tanh's
        "tie_word_embeddings": False,
        **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0),
        **dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), last),
    }


def gpt2_weights(model: TinyTransformer) -> dict[str, torch.Tensor]:
    """The same numbers under GPT-2's names, in float32."""
    require_type(TinyTransformer, model=model)
    unused = model.position.weight[:1].detach() * 0  # the one position more
    weights = {
        "transformer.wte.weight": model.token.weight,
        "transformer.wpe.weight": torch.cat([model.position.weight, unused]),
        "lm_head.weight": model.head.weight,
        **_both("transformer.ln_f", model.norm),
    }
    for number, block in enumerate(model.blocks):
        here = f"transformer.h.{number}"
        weights |= _both(f"{here}.ln_1", block.norm_attention)
        weights |= _both(f"{here}.attn.c_attn", block.qkv)
        weights |= _both(f"{here}.attn.c_proj", block.out)
        weights |= _both(f"{here}.ln_2", block.norm_mlp)
        weights |= _both(f"{here}.mlp.c_fc", block.up)
        weights |= _both(f"{here}.mlp.c_proj", block.down)
    return {
        name: value.detach().float().cpu().contiguous()
        for name, value in weights.items()
    }


def _both(name: str, layer) -> dict[str, torch.Tensor]:
    """Weight and bias of a layer; a matrix (out, in) becomes (in, out)."""
    weight = layer.weight.T if layer.weight.dim() == 2 else layer.weight
    return {f"{name}.weight": weight, f"{name}.bias": layer.bias}
