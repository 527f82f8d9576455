"""The course's models as transformers checkpoints: weights, tokenizer, pairs as text.

The transformer of chapter 09 is a GPT-2 with an exact GELU and a head of its own, so
GPT2LMHeadModel gives the same logits. Its linear layers store matrices transposed.

In the world ``<eos>`` is forced after the last word that fits: it has probability 1 and
is no token. So ``<eos>`` is *written* where it is scored, and a response of full length
ends without it. This module imports no transformers.
"""

import json

import torch
from safetensors.torch import save

from .pairs_file import TextPair
from .preference_world import EOS, WORDS, Pairs, World
from .tiny_transformer import ModelConfig, TinyTransformer

EOS_TEXT = "<eos>"
README = """Written by `dpo-edu export`.

    model = AutoModelForCausalLM.from_pretrained(FOLDER)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)

`pairs.jsonl` holds one {"prompt", "chosen", "rejected"} a line. What is scored is what
is written, `<eos>` included. A response without a written `<eos>` has reached the limit
of the language, where `<eos>` is forced and has probability 1: a trainer that appends
`<eos>` to every response must drop it there, or it scores a token that is no choice.
One position more than was trained is there for trainers that append it all the same.
"""


def checkpoint(model: TinyTransformer, tokenizer: dict, pairs: list[TextPair]) -> dict:
    """The files of a checkpoint: {name: text or bytes}."""
    weights = {k: v.contiguous() for k, v in gpt2_weights(model).items()}
    lines = [json.dumps(pair._asdict(), ensure_ascii=False) for pair in pairs]
    return {
        "config.json": json.dumps(gpt2_config(model.config), indent=2) + "\n",
        "model.safetensors": save(weights, metadata={"format": "pt"}),
        "tokenizer.json": json.dumps(tokenizer, ensure_ascii=False) + "\n",
        "tokenizer_config.json": json.dumps(_tokenizer_config(model.config)) + "\n",
        "pairs.jsonl": "\n".join(lines) + "\n",
        "README.md": README,
    }


def gpt2_config(config: ModelConfig) -> dict:
    """The same sizes under GPT-2's names; ``<eos>`` is the last token."""
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
    return {name: value.detach().float().cpu() for name, value in weights.items()}


def _both(name: str, layer) -> dict[str, torch.Tensor]:
    """Weight and bias of a layer; a matrix (out, in) becomes (in, out)."""
    weight = layer.weight.T if layer.weight.dim() == 2 else layer.weight
    return {f"{name}.weight": weight, f"{name}.bias": layer.bias}


def word_tokenizer() -> dict:
    """The world's words, split at white space, as a ``tokenizer.json``."""
    vocabulary = {word: number for number, word in enumerate(WORDS)} | {EOS_TEXT: EOS}
    # The unknown word stays undefined: another word is an error, not a guess.
    model = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unknown>"}
    return _tokenizer(model, {"type": "WhitespaceSplit"}, None, EOS)


def byte_tokenizer() -> dict:
    """Bytes as tokens, as in your own runs, as a ``tokenizer.json``."""
    level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    level |= {"trim_offsets": True}
    names = {_byte_name(byte): byte for byte in range(256)} | {EOS_TEXT: 256}
    return _tokenizer({"type": "BPE", "vocab": names, "merges": []}, level, level, 256)


def _byte_name(byte: int) -> str:
    """The visible letter by which byte-level tokenizers call a byte."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = sorted(set(range(256)) - set(visible))
    return chr(byte if byte in visible else 256 + hidden.index(byte))


def _tokenizer(model: dict, splitter: dict, decoder: dict | None, eos: int) -> dict:
    flags = ("single_word", "lstrip", "rstrip", "normalized")
    special = {"id": eos, "content": EOS_TEXT, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [special | dict.fromkeys(flags, False)],
        "normalizer": None,
        "pre_tokenizer": splitter,
        "post_processor": None,
        "decoder": decoder,
        "model": model,
    }


def _tokenizer_config(config: ModelConfig) -> dict:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": EOS_TEXT,
        "pad_token": EOS_TEXT,
        "model_max_length": config.context + 1,
        "clean_up_tokenization_spaces": False,
    }


def world_text(world: World, pairs: Pairs) -> list[TextPair]:
    """Pairs by number as text; ``<eos>`` stands where it is scored."""
    prompts = [" ".join(WORDS[word] for word in x) for x in world.prompts]
    rows = zip(pairs.prompt, pairs.chosen, pairs.rejected, strict=True)
    return [
        TextPair(prompts[x], _response(world, chosen), _response(world, rejected))
        for x, chosen, rejected in rows
    ]


def _response(world: World, number: int) -> str:
    words = "".join(f" {WORDS[word]}" for word in world.responses[number])
    full = len(world.responses[number]) == world.max_words
    return words if full else words + EOS_TEXT
