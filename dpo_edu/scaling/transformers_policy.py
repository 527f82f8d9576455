"""A model of the transformers library as the policy of the course's own loop.

    policy = TransformersPolicy(model, pad)      tokens (B, T) -> logits (B, T, V)
    reference = AdapterOff(policy)               the same weights without the adapter

``training`` then works as it is: ``pair_loss``, ``dpo_step``, ``minimize``. Rows may be
padded on either side. Chats become tokens by the tokenizer's own template; a doubled
<bos> is refused. This module imports neither transformers nor peft: it only calls what
they made.
"""

import torch
from torch import nn

from ..sequence_logprob import joined
from ..validation import (
    InputError,
    listed,
    require,
    require_list_of,
    require_type,
    require_whole,
)


class TransformersPolicy(nn.Module):
    """A causal language model, called with tokens alone.

    pad: the token that fills rows. Padding on the left is the row's first run of it:
    it gets no attention, and positions count from the first real token. So ``pad`` may
    be ``<eos>``, which ends rows, but not a token that begins them. GPT-2, like the
    course's own export, calls one token <bos> and <eos>: it may fill rows as long as
    none begins with it, and the tokenizers of both put nothing in front.
    """

    def __init__(self, model, pad: int | None):
        super().__init__()
        require(
            pad is not None,
            "pad is None: this tokenizer fills no rows; use its eos_token_id instead",
        )
        require_whole(0, pad=pad)
        require(
            hasattr(model, "config"), "model must be one of transformers: no config"
        )
        marks = "bos_token_id", "eos_token_id"
        bos, eos = (getattr(model.config, mark, None) for mark in marks)
        ends = eos if isinstance(eos, list) else [eos]
        require(
            pad != bos or pad in ends,
            f"token {pad} is <bos>: rows begin with it, so it cannot fill them",
        )
        self.model, self.pad = model, pad

    def forward(self, tokens):
        real = (tokens != self.pad).int().cummax(dim=1).values  # (B, T) 0 up to <bos>
        position = (real.cumsum(dim=1) - 1).clamp(min=0)  # (B, T)
        return self.model(
            input_ids=tokens,
            attention_mask=real,
            position_ids=position,
            use_cache=False,
        ).logits


class AdapterOff(nn.Module):
    """The reference that costs no memory: the policy's model, its adapter switched off.

    The model must come from peft. What it computes never changes, because only the
    adapter learns; ask for it inside ``torch.no_grad()``, as ``dpo_step`` does.
    """

    def __init__(self, policy: TransformersPolicy):
        super().__init__()
        require(
            hasattr(policy.model, "disable_adapter"),
            "this model has no adapter to switch off: wrap it with peft first",
        )
        self.policy = policy

    def forward(self, tokens):
        with self.policy.model.disable_adapter():
            return self.policy(tokens)


def chat_tokens(tokenizer, prompt: str, response: str) -> tuple[list[int], list[int]]:
    """A question and its answer as (prompt tokens, response tokens), by the template.

    As ``conversation_tokens``, of a conversation of one question.
    """
    require_type(str, prompt=prompt, response=response)
    question = [{"role": "user", "content": prompt}]
    return conversation_tokens(tokenizer, question, response)


def conversation_tokens(
    tokenizer, messages: list[dict[str, str]], response: str
) -> tuple[list[int], list[int]]:
    """A conversation and what is answered next, as (prompt, response) tokens.

    messages: each with "role" and "content". The response's tokens are what the whole
    chat has beyond the prompt, its end mark included. Raises InputError where the
    prompt's tokens do not begin the whole chat's (tokens merged at the seam), or where
    <bos> is doubled.
    """
    require_list_of(dict, messages=messages)
    require(messages, "messages must not be empty")
    for said in (value for message in messages for value in message.values()):
        require_type(str, **{"what messages hold": said})
    require_type(str, response=response)
    chats = callable(getattr(tokenizer, "apply_chat_template", None))
    require(chats, "tokenizer must be one of transformers: it writes no chats")
    answer = {"role": "assistant", "content": response}
    asked = _written(tokenizer, messages, add_generation_prompt=True)
    whole = _written(tokenizer, [*messages, answer])
    require(
        whole[: len(asked)] == asked,
        f"the tokens of {messages[-1].get('content')!r} change when an answer follows: "
        "the template must end the prompt on a token",
    )
    require_one_bos(whole, tokenizer.bos_token_id)
    return asked, whole[len(asked) :]


def _written(tokenizer, messages, **how) -> list[int]:
    """The chat's tokens; InputError where the template has no place for it."""
    try:
        # tokenize=True: the template writes <bos> itself, no second one is put before.
        return tokenizer.apply_chat_template(messages, return_dict=False, **how)
    except Exception as error:  # a template raises what its author thought of
        reason = f"{type(error).__name__}: {error}".split("\n")[0]
        raise InputError(f"the chat template cannot write this ({reason})") from None


def require_one_bos(tokens: list[int], bos: int | None) -> None:
    """Raise InputError if a row, not yet padded, begins with two <bos>.

    The template has written one, the tokenizer put another before it: a beginning that
    the model has never read. The loss falls all the same.
    """
    tokens = listed(tokens=tokens)
    for token in (*tokens, 0 if bos is None else bos):
        require_whole(0, **{"tokens, bos": token})
    if bos is not None and tokens[:2] == [bos, bos]:
        raise InputError(
            "two <bos> at the start: the template has written one already, so tokenize "
            "with add_special_tokens=False"
        )


def pad_left(prompts, responses, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Lay prompt + response token lists flush right: (tokens, response_mask), (B, T).

    What generation needs, where every row must end at the same place. For scoring,
    ``sequence_logprob.pad_sequences`` (padding on the right) does as well. Raises
    InputError where a row begins with ``pad``, which would be taken for padding.

    >>> pad_left([[5], [5, 6]], [[1, 0], [0, 1]], pad=9)[0].tolist()
    [[9, 5, 1, 0], [5, 6, 0, 1]]
    """
    rows = joined(prompts, responses, pad)
    begins = any(row[:1] == [pad] for row in rows)
    require(not begins, f"a row begins with token {pad}, which is the pad")
    width = max(map(len, rows))
    tokens = torch.tensor([[pad] * (width - len(row)) + row for row in rows])  # (B, T)
    scored = torch.tensor([len(y) for y in responses])[:, None]  # (B, 1)
    return tokens, torch.arange(width) >= width - scored  # (B, T)
