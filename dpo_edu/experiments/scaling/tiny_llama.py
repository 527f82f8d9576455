"""A Llama of twenty thousand parameters with a chat template, made without a network.

It has read nothing: its weights are random. It has what a downloaded model brings and
scoring can get wrong: rotary positions, grouped attention, <bos>, roles. Needs the
transformers library, and peft for the adapter.
"""

import warnings

import torch

from ...own_data.comparison import TextPair

WORDS = "tap water is off on the a close open valve first house please how do I fix buy"
MARKS = ("<pad>", "<bos>", "<eos>", "<user>", "<bot>")
TEMPLATE = (
    "{{ '<bos>' }}{% for m in messages %}"
    "{{ '<user> ' if m['role'] == 'user' else '<bot> ' }}"
    "{{ m['content'] + ' <eos> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<bot> ' }}{% endif %}"
)
PAIRS = (
    TextPair("how do I fix the tap", "close the valve first", "buy a house"),
    TextPair("is the water on", "the water is off", "on"),
    TextPair("please open the house", "how", "please close the tap first please"),
)


def tokenizer(words: str = WORDS, marks=MARKS, template: str = TEMPLATE):
    """Words at white space; it puts <bos> in front, as many a real tokenizer does.

    marks: padding, <bos> and <eos> come first, in this order.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: n for n, word in enumerate([*marks, *words.split()])}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<unknown>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.add_special_tokens(list(marks))
    core.post_processor = processors.TemplateProcessing(
        single=f"{marks[1]} $A", special_tokens=[(marks[1], 1)]
    )
    names = dict(zip(("pad_token", "bos_token", "eos_token"), marks[:3], strict=True))
    made = PreTrainedTokenizerFast(tokenizer_object=core, **names)
    made.chat_template = template
    return made


def model(seed: int = 0, vocabulary: int = len(MARKS) + len(WORDS.split())):
    """A LlamaForCausalLM in float64, weights drawn from ``seed``."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,  # so that its opinions are strong enough to see
        pad_token_id=MARKS.index("<pad>"),
        bos_token_id=MARKS.index("<bos>"),
        eos_token_id=MARKS.index("<eos>"),
    )
    return LlamaForCausalLM(config).double().eval()


def with_adapter(base, rank: int = 4, seed: int = 0):
    """The model with a LoRA adapter of ``rank``, the only part that learns."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules="all-linear")
    with warnings.catch_warnings():  # peft asks transformers by an old name
        warnings.simplefilter("ignore", FutureWarning)
        return get_peft_model(base, config).double()


def without_mask(model):
    """A mistake to look at: called with tokens alone, the model reads the padding."""
    return lambda tokens: model(input_ids=tokens, use_cache=False).logits
