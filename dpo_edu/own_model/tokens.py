"""Pairs as a pretrained model reads them: by its chat template, or as plain text.

A conversation is written by the template, and so is a plain prompt, as what the user
says, unless it is to stand as it is: then prompt and answer follow each other, and the
token that ends a text follows the answer. What is scored of an answer is what the whole
has beyond the prompt, its end mark included. This module reads no files.
"""

from typing import Any

from ..own_data.comparison import Message, Pair
from ..real_model.pairs import AnswerPair
from ..scaling.transformers_policy import conversation_tokens, require_one_bos
from ..validation import require

NO_TEMPLATE = (
    "the model's tokenizer has no chat template, so it reads no conversation: take a "
    "chat model, or give plain prompts"
)


def is_chat(pair: Pair, plain_prompts: str) -> bool:
    """Whether the chat template writes this pair."""
    return not isinstance(pair.prompt, str) or plain_prompts == "chat"


def as_messages(prompt: str | tuple[Message, ...]) -> list[dict[str, str]]:
    """A conversation as templates want it; a plain prompt is what the user says."""
    turns = (Message("user", prompt),) if isinstance(prompt, str) else prompt
    return [{"role": role, "content": content} for role, content in turns]


def encoded(tokenizer, pair: Pair, plain_prompts: str) -> AnswerPair:
    """The pair as token numbers; InputError where the tokenizer cannot write it."""
    write: Any = _chat if is_chat(pair, plain_prompts) else _text
    prompt, chosen = write(tokenizer, pair.prompt, pair.chosen)
    _, rejected = write(tokenizer, pair.prompt, pair.rejected)
    require(chosen and rejected, "an answer has no tokens")
    require(chosen != rejected, "both answers are the same tokens")
    return AnswerPair(prompt, chosen, rejected)


def _chat(tokenizer, prompt, answer: str) -> tuple[list[int], list[int]]:
    require(tokenizer.chat_template is not None, NO_TEMPLATE)
    return conversation_tokens(tokenizer, as_messages(prompt), answer)


def _text(tokenizer, prompt: str, answer: str) -> tuple[list[int], list[int]]:
    """(prompt, answer) as tokens, the end mark last.

    Tokenized together where the prompt keeps its tokens, else apart: as the model meets
    the prompt when it answers.
    """
    end, texts = tokenizer.eos_token_id, (prompt, prompt + answer)
    asked, whole = (_without(end, tokenizer(text).input_ids) for text in texts)
    require(asked, '"prompt" has no tokens')
    require_one_bos(asked, tokenizer.bos_token_id)
    if whole[: len(asked)] != asked:
        answered = tokenizer(answer, add_special_tokens=False).input_ids
        return asked, [*_without(end, answered), end]
    return asked, [*whole[len(asked) :], end]


def _without(end: int, tokens: list[int]) -> list[int]:
    """The tokens less an end mark that the tokenizer puts after every text."""
    return tokens[:-1] if len(tokens) > 1 and tokens[-1] == end else tokens


def length(pair: AnswerPair) -> int:
    """Tokens of the prompt and the longer answer."""
    return len(pair.prompt) + max(len(pair.chosen), len(pair.rejected))


def shortened(tokenizer, pair: Pair, plain_prompts: str, limit: int):
    """(pair, tokens) that fit into ``limit``, or None; no answer is ever cut.

    A conversation loses its oldest turns, but no system message and not the last turn;
    a text loses the beginning of its tokens, but no <bos>. A plain prompt that the
    template writes is one turn and cannot be cut.
    """
    if is_chat(pair, plain_prompts):
        return _fewer_turns(tokenizer, pair, plain_prompts, limit)
    tokens = encoded(tokenizer, pair, plain_prompts)
    room = limit - (length(tokens) - len(tokens.prompt))
    first = tokens.prompt[:1] if tokens.prompt[0] == tokenizer.bos_token_id else []
    kept = room - len(first)
    if kept < 1:
        return None
    end = tokens.prompt[-kept:]
    text = tokenizer.decode(end)
    return pair._replace(prompt=text), tokens._replace(prompt=first + end)


def _fewer_turns(tokenizer, pair: Pair, plain_prompts: str, limit: int):
    if isinstance(pair.prompt, str):
        return None
    first = pair.prompt[:1] if pair.prompt[0].role == "system" else ()
    for begin in range(len(first) + 1, len(pair.prompt)):
        if pair.prompt[begin].role != "user":  # templates begin with the user
            continue
        fewer = pair._replace(prompt=first + pair.prompt[begin:])
        tokens = encoded(tokenizer, fewer, plain_prompts)
        if length(tokens) <= limit:
            return fewer, tokens
    return None
