"""A checkpoint of the transformers library: weights, tokenizer, pairs as text.

In the world ``<eos>`` is forced after the last word that fits: it has probability 1 and
is no token. So ``<eos>`` is *written* where it is scored, and a response of full length
ends without it. Your own runs score it after every response, so there all have it.
This module imports no transformers.
"""

import json

from safetensors.torch import save

from ...files import json_lines
from ...own_data.comparison import EOS_TEXT, TextPair, require_no_eos
from ...preference_world import EOS, WORDS, Pairs, World
from ...tiny_transformer import ModelConfig, TinyTransformer
from ...validation import require_list_of, require_type
from .gpt2 import gpt2_config, gpt2_weights

README = """Written by `dpo-edu export`.

    model = AutoModelForCausalLM.from_pretrained(FOLDER)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)

`pairs.jsonl` holds one {"prompt", "chosen", "rejected"} a line. What is scored is what
is written, `<eos>` included: the tokenizer reads it as one token. A response without it
(there are none in pairs of your own) has reached the limit of the world's language,
where `<eos>` is forced and has probability 1: a trainer that appends `<eos>` to every
response must drop it there, or it scores a token that is no choice. One position more
than was trained is there for trainers that append it all the same.
"""


def checkpoint(model: TinyTransformer, tokenizer: dict, pairs: list[TextPair]) -> dict:
    """The files of a checkpoint: {name: text or bytes}."""
    require_type(dict, tokenizer=tokenizer)
    require_list_of(TextPair, pairs=pairs)
    weights = gpt2_weights(model)
    return {
        "config.json": json.dumps(gpt2_config(model.config), indent=2) + "\n",
        "model.safetensors": save(weights, metadata={"format": "pt"}),
        "tokenizer.json": json.dumps(tokenizer, ensure_ascii=False) + "\n",
        "tokenizer_config.json": json.dumps(_tokenizer_config(model.config)) + "\n",
        "pairs.jsonl": json_lines(pair._asdict() for pair in pairs),
        "README.md": README,
    }


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
    require_type(World, world=world)
    require_type(Pairs, pairs=pairs)
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


def own_text(pairs: list[TextPair]) -> list[TextPair]:
    """Your own pairs with the ``<eos>`` that is scored after each of their responses.

    Raises InputError where a text holds the letters ``<eos>``: to your run they were
    five bytes, to the exported tokenizer they are the end.
    """
    require_list_of(TextPair, pairs=pairs)
    require_no_eos(pairs, [f"pair {number}" for number in range(1, len(pairs) + 1)])
    return [
        TextPair(prompt, chosen + EOS_TEXT, rejected + EOS_TEXT)
        for prompt, chosen, rejected in pairs
    ]
