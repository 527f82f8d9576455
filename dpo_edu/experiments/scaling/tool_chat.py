"""A conversation with a tool and reasoning, written by a real model's chat template.

The template is the one that comes with SmolLM2-135M-Instruct (Apache 2.0), letter by
letter. The tokenizer is one of words at white space, so that a reader can count; the
line break after an end mark is no token of it. The models are random: that a shared
beginning cancels holds for any two, a gap's size and sign for these two alone.
"""

from functools import cache

import torch

from ...scaling.chat_masks import assistant_turns
from ...scaling.transformers_policy import TransformersPolicy
from ...sequence_logprob import sequence_logprob
from . import tiny_llama

MARKS = ("<pad>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system'"
    " %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by"
    " Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n'"
    " + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# In short what Qwen3's template does: only after the last question is reasoning kept.
FORGETS_REASONING = (
    "{% set last = namespace(user=0) %}{% for m in messages %}{% if m['role'] == 'user'"
    " %}{% set last.user = loop.index0 %}{% endif %}{% endfor %}"
) + TEMPLATE.replace(
    "message['content']",
    "(message['content'] if loop.index0 > last.user"
    " else message['content'].split('</think> ')[-1])",
)
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
ASKED = "is the tap on"
CALL = "<think> look </think> call valve"
OTHER_CALL = "<think> guess </think> call lamp"
FOUND, OTHER_FOUND = "valve is closed", "lamp is on"
ANSWER = "<think> closed means off </think> no"
OTHER_ANSWER = "<think> on </think> yes"
PAD = 0


def chat(*said: str, between: str = "tool") -> list[dict[str, str]]:
    """A question, what the assistant says, what comes between, the assistant again."""
    roles = "user", "assistant", between, "assistant"
    texts = zip(roles, (ASKED, *said), strict=True)
    return [{"role": role, "content": text} for role, text in texts]


CHOSEN = chat(CALL, FOUND, ANSWER)
REJECTED = {  # each beside CHOSEN makes a pair
    "same tool call": chat(CALL, FOUND, OTHER_ANSWER),
    "other tool call": chat(OTHER_CALL, OTHER_FOUND, OTHER_ANSWER),
}
TWO_QUESTIONS = chat(ANSWER, ASKED, OTHER_ANSWER, between="user")
RULES = {  # from the turns of the tokens to those that are scored
    "the last turn": lambda turn: turn == turn.max(),
    "the assistant's turns": lambda turn: turn > 0,
    "all after the question": lambda turn: turn.cumsum(0) > 0,
}


@cache
def tokenizer(template: str = TEMPLATE):
    """One that knows the words of these conversations."""
    chats = (CHOSEN, *REJECTED.values())
    said = [message["content"] for each in chats for message in each]
    words = " ".join([SYSTEM, "system user assistant tool", *said]).split()
    return tiny_llama.tokenizer(" ".join(dict.fromkeys(words)), MARKS, template)


@cache
def policy(seed: int) -> TransformersPolicy:
    """A random Llama that reads these words."""
    return TransformersPolicy(tiny_llama.model(seed, len(tokenizer())), PAD)


def scored(messages, rule: str) -> tuple[torch.Tensor, torch.Tensor]:
    """(tokens, mask), each (1, T): the conversation and what a rule scores of it."""
    tokens, turn = map(torch.tensor, assistant_turns(tokenizer(), messages))
    return tokens[None], RULES[rule](turn)[None]


@torch.no_grad()
def log_ratio(messages, rule: str) -> float:
    """log pi - log pi_ref of what is scored; two random models stand for the two."""
    tokens, mask = scored(messages, rule)
    pair = (policy(seed)(tokens) for seed in (0, 1))
    here, there = (sequence_logprob(logits, tokens, mask) for logits in pair)
    return (here - there).item()


def gap(rejected: str, rule: str) -> float:
    """The log-ratio gap of a pair when only what the rule says is scored."""
    return log_ratio(CHOSEN, rule) - log_ratio(REJECTED[rejected], rule)
