"""Every response's probability from one pass over the prefix tree.

A response is read off its prefixes: log pi(y|x) = sum_t log p(y_t | x, y_<t). With V
words and at most m words per response there are V + ... + V^m responses but only
V^(m-1) longest prefixes that still leave a choice; a causal model run on those has
computed all others on the way. After m words ``<eos>`` is forced and scores 0.
This module does not know what words mean or which policy is asked.
"""

import torch

from ..validation import listed, require, require_shape, require_type, require_whole
from ..validation.tensors import require_floats

_ROWS = 16_384  # at most so many sequences in one forward pass: bounds memory


def unfold(levels) -> torch.Tensor:
    """Log-probabilities of all responses, shortest first: (..., 1 + V + ... + V^m).

    levels[t]: (..., V^t, V + 1), log p(next | prefix of t words); the last entry of
    the last axis is ``<eos>``. Within a length, responses are in word order.
    """
    levels = _checked(levels)
    prefix = torch.zeros_like(levels[0][..., 0])  # (..., 1): nothing said yet
    ended = []
    for next_logp in levels:
        reached = prefix[..., None] + next_logp  # (..., V^t, V + 1)
        ended.append(reached[..., -1])  # (..., V^t)
        prefix = reached[..., :-1].flatten(-2)  # (..., V^(t+1))
    return torch.cat([*ended, prefix], dim=-1)


@torch.no_grad()
def response_logp(model, prompts, words: int, max_words: int) -> torch.Tensor:
    """log pi(y|x) of every response to every prompt: (prompts, responses), float64.

    prompts: lists of token numbers; words: V, and ``<eos>`` is token V. In float64 the
    probabilities of each row sum to 1 to about 1e-14. Memory: 8 bytes per response, and
    what one forward pass takes.
    """
    prompts = _checked_tree(model, prompts, words, max_words)
    lengths = [words**length for length in range(max_words + 1)]
    found = torch.empty(len(prompts), sum(lengths), dtype=torch.float64)
    for prompt, row in zip(prompts, found, strict=True):
        _fill(row, model, prompt, words, max_words)
    return found


def _fill(row, model, prompt, words: int, max_words: int) -> None:
    """Write what may follow ``prompt`` into ``row``; a large tree branch by branch."""
    if words ** (max_words - 1) <= _ROWS:
        row.copy_(unfold(_levels(model, prompt, words, max_words)))
        return
    root = _levels(model, prompt, words, 1)[0][0].cpu()  # (V + 1,) nothing said yet
    lengths = [words**length for length in range(max_words + 1)]
    nothing, *longer = row.split(lengths)
    nothing.copy_(root[-1:])
    branch = row.new_empty(sum(lengths[:-1]))
    for word in range(words):
        _fill(branch, model, [*prompt, word], words, max_words - 1)
        parts = (branch + root[word]).split(lengths[:-1])
        for of_length, part in zip(longer, parts, strict=True):
            of_length.view(words, -1)[word] = part


def _checked_tree(model, prompts, words, max_words) -> list[list[int]]:
    """The prompts as lists of token numbers, or why this tree cannot be walked."""
    require_type(torch.nn.Module, model=model)
    require_whole(1, 10**6, words=words)
    require_whole(1, 10**6, max_words=max_words)
    few = max_words <= 60 and words**max_words <= 10**10
    require(few, f"words and max_words: {words}^{max_words} are too many")
    return [_checked_prompt(each, words) for each in listed(prompts=prompts)]


def _checked(levels) -> list[torch.Tensor]:
    """Tensors (..., V^t, V + 1), or the reason why they are no prefix tree."""
    levels = listed(levels=levels)
    for t, level in enumerate(levels):
        require_floats(levels=level)
        words = levels[0].shape[-1] - 1
        require(level.shape[-1] > 1, "levels must have a word, and <eos>")
        shape = (*levels[0].shape[:-2], words**t, words + 1)
        require_shape(tuple(shape), **{f"levels[{t}]": level})
    return levels


def _checked_prompt(prompt, words) -> list[int]:
    numbers = listed(prompts=prompt)
    for number in numbers:
        require_whole(0, words, prompts=number)
    return numbers


def _levels(model, prompt, words, max_words):
    """Next-token log-probabilities of one prompt, a (V^t, V + 1) table per depth t."""
    device = next(model.parameters()).device
    index = torch.arange(words ** (max_words - 1), device=device)  # (N,) of prefixes
    prefix = _digits(index, words, max_words - 1)  # (N, max_words - 1)
    prompt = torch.tensor(prompt, device=device)
    tokens = torch.cat([prompt.expand(len(index), -1), prefix], dim=1)
    logits = model(tokens)[:, len(prompt) - 1 :]  # (N, max_words, V + 1)
    step = [words**rest for rest in reversed(range(max_words))]  # one row per prefix
    return [logits[::n, t].double().log_softmax(-1) for t, n in enumerate(step)]


def _digits(index, base, length):
    """The prefixes with these numbers, as words: (N,) to (N, length), base-V digits."""
    place = base ** torch.arange(length - 1, -1, -1, device=index.device)
    return index[:, None] // place % base
