"""Answers of a chat model to prompts, many at a time.

A prompt is read once; its keys and values serve all of its answers. Rows are padded on
the left, so that all of them go on at the same place. An answer's log pi(y|x) is noted
when it is drawn, so that its writer need not read it again. This module judges nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import torch

from ..validation import require_positive, require_whole

ROWS_AT_ONCE = 96  # answers written side by side


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn."""

    count: int = 6  # answers per prompt
    limit: int = 32  # tokens of an answer; what is longer is cut
    temperature: float = 1.0

    def __post_init__(self):
        require_whole(1, count=self.count, limit=self.limit)
        require_positive("temperature", self.temperature)


class Answer(NamedTuple):
    """What a model wrote."""

    tokens: list[int]  # with the end mark, unless the limit cut it
    text: str
    ended: bool  # by itself, before the limit
    logp: float  # log pi(y|x) of the model that wrote it, at its temperature, in nats


class Part(NamedTuple):
    """What is known when some of the prompts are answered: for ``progress_bar``."""

    step: int  # number of the part, from 0
    record: dict[str, float]


def part_count(prompts: int, how: Sampling) -> int:
    """In how many parts so many prompts are answered."""
    return ceil(prompts / _prompts_at_once(how))


def asked(tokenizer, prompt: str) -> list[int]:
    """A question's tokens by the chat template, up to where the answer begins."""
    chat = [{"role": "user", "content": prompt}]
    return tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_dict=False
    )


def sample_answers(
    model,
    tokenizer,
    prompts: Sequence[str],
    how: Sampling,
    seed: int,
    after_part: Callable[[Part], object] = lambda part: None,
) -> list[list[Answer]]:
    """``how.count`` answers to each prompt, in the order of the prompts."""
    rows = [asked(tokenizer, prompt) for prompt in prompts]
    return answers_to(model, tokenizer, rows, how, seed, after_part)


def answers_to(
    model,
    tokenizer,
    rows: Sequence[list[int]],
    how: Sampling,
    seed: int,
    after_part: Callable[[Part], object] = lambda part: None,
) -> list[list[Answer]]:
    """``how.count`` answers to each prompt, given as its tokens.

    Prompts of similar length are answered together, so an answer hangs on ``seed`` and
    on all of the prompts. ``after_part`` is told of each part.
    """
    order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
    size = _prompts_at_once(how)
    generator = torch.Generator().manual_seed(seed)
    found: dict[int, list[Answer]] = {}
    for number, start in enumerate(range(0, len(order), size)):
        part = order[start : start + size]
        drawn = _drawn(model, tokenizer, [rows[n] for n in part], how, generator)
        both = zip(*(each.tolist() for each in drawn), strict=True)
        answers = [_answer(tokenizer, *row) for row in both]
        for place, n in enumerate(part):
            found[n] = answers[place * how.count : (place + 1) * how.count]
        after_part(Part(number, {}))
    return [found[n] for n in range(len(rows))]


def _prompts_at_once(how: Sampling) -> int:
    return max(ROWS_AT_ONCE // how.count, 1)


@torch.inference_mode()
def _drawn(model, tokenizer, rows, how: Sampling, generator):
    """(tokens, logp) of ``how.count`` answers per row: (rows * count, limit) or less.

    The prompts go through the model once and not ``how.count`` times, after which their
    keys and values are repeated. What follows an end mark means nothing.
    """
    device, end = next(model.parameters()).device, tokenizer.eos_token_id
    tokens, real = (each.to(device) for each in _flush_right(rows, end))  # (P, T)
    position = (real.cumsum(1) - 1).clamp(min=0)
    read = {"attention_mask": real, "position_ids": position, "use_cache": True}
    seen = model(input_ids=tokens, logits_to_keep=1, **read)
    cache = seen.past_key_values
    cache.batch_repeat_interleave(how.count)
    real = real.repeat_interleave(how.count, 0)  # (P * count, T)
    logits = seen.logits[:, -1].repeat_interleave(how.count, 0)
    drawn: list[torch.Tensor] = []
    noted: list[torch.Tensor] = []
    for _ in range(how.limit):
        token, logp = _token(logits.float().cpu() / how.temperature, generator)
        drawn.append(token)
        noted.append(logp)
        if bool((torch.stack(drawn) == end).any(0).all()):
            break
        real = torch.cat([real, real.new_ones(len(real), 1)], dim=1)
        read = {"attention_mask": real, "position_ids": real.sum(1, keepdim=True) - 1}
        here = token[:, None].to(device)
        logits = model(input_ids=here, past_key_values=cache, **read).logits[:, -1]
    return torch.stack(drawn, dim=1), torch.stack(noted, dim=1)


def _token(logits, generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A token drawn from each row's softmax, and its log-probability: (B,) each."""
    logp = logits.log_softmax(-1)  # (B, V)
    # One number per row, found among the sums of what comes before. ``multinomial``
    # draws one for each token of the vocabulary: a fifth of the time of a token.
    below = logp.exp().double().cumsum(-1)
    place = torch.rand(len(logp), 1, generator=generator, dtype=below.dtype)
    token = torch.searchsorted(below, place * below[:, -1:], right=True)
    token = token.clamp(max=logp.shape[-1] - 1)  # (B, 1)
    return token[:, 0], logp.gather(-1, token)[:, 0]


def _flush_right(rows: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(tokens, 1 where they are not padding), (P, T) each.

    The second says what is padding, so ``pad`` may also begin a row.
    """
    width = max(map(len, rows))
    tokens = torch.tensor([[pad] * (width - len(row)) + row for row in rows])
    real = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return tokens, real


def _answer(tokenizer, row: list[int], logp: list[float]) -> Answer:
    """The tokens up to the end mark, and what they say."""
    ended = tokenizer.eos_token_id in row
    tokens = row[: row.index(tokenizer.eos_token_id) + 1] if ended else row
    text = tokenizer.decode(tokens[:-1] if ended else tokens)
    return Answer(tokens, text.strip(), ended, sum(logp[: len(tokens)]))
