"""One language small enough to list, and log pi(y|x) wrong in six ways.

Four words and <eos>; the prompt is "tea is", an answer has at most three words. After
three words an answer is complete and <eos> is not asked for: 85 answers in all, whose
probabilities sum to 1. ``SIX_BUGS`` are what people write instead of
``sequence_logprob``. This module does not know transformers: the language is a table.
"""

from itertools import product
from typing import NamedTuple

import torch

from ...sequence_logprob import pad_sequences, sequence_logprob, token_logprobs

WORDS = ("tea", "is", "not", "good")
EOS = len(WORDS)
PROMPT, MOST = (0, 1), 3
MEMORY = 0.25  # how much of its past the language carries from token to token
FOLLOWS = torch.tensor(  # [i, j]: how readily token j follows token i, in nats
    [
        [-1.0, 2.0, -1.0, 0.0, 0.0],  # tea
        [-0.5, -1.0, 1.0, 1.5, 0.5],  # is
        [-0.5, -1.0, 0.0, 1.5, 0.0],  # not
        [0.0, -0.5, -1.0, 0.5, 2.0],  # good
        [0.5, -0.5, 0.0, 0.5, 1.0],  # <eos>
    ],
    dtype=torch.float64,
)


class Language(NamedTuple):
    """Every answer to the prompt, laid out side by side, and what it is worth."""

    tokens: torch.Tensor  # (85, 5) prompt, answer, padding
    mask: torch.Tensor  # (85, 5) True on the answer and on its <eos>
    logits: torch.Tensor  # (85, 5, 5)
    reward: torch.Tensor  # (85,)

    @property
    def names(self) -> tuple[str, ...]:
        """What each token number stands for."""
        return (*WORDS, "<eos>")

    def text(self, row: int) -> str:
        """The answer in this row, in words."""
        return " ".join(self.names[t] for t in self.tokens[row, self.mask[row]])


def all_answers() -> list[list[int]]:
    """Token lists of every answer, shortest first; <eos> ends those that are short."""
    lengths = [product(range(EOS), repeat=n) for n in range(MOST + 1)]
    return [[*y, EOS][: MOST if len(y) == MOST else None] for n in lengths for y in n]


def next_token_logits(tokens) -> torch.Tensor:
    """(B, T) to (B, T, V): what may follow depends on all tokens, the last one most."""
    state, logits = 0.0, []
    for token in tokens.T:  # (B,)
        state = MEMORY * state + FOLLOWS[token]  # (B, V)
        logits.append(state)
    return torch.stack(logits, dim=1)


def worth(answer) -> float:
    """2 for praise ("good" without "not"), -2 for "not ... good", else 0."""
    if WORDS.index("good") not in answer:
        return 0.0
    return -2.0 if WORDS.index("not") in answer else 2.0


def language() -> Language:
    """Lay out all answers, padded with <eos>."""
    answers = all_answers()
    tokens, mask = pad_sequences([PROMPT] * len(answers), answers, pad=EOS)
    reward = torch.tensor([worth(y) for y in answers], dtype=torch.float64)
    return Language(tokens, mask, next_token_logits(tokens), reward)


def no_shift(logits, tokens, mask):
    """Score token t with the logits at t, which predict t + 1."""
    each = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]  # (B, T)
    return (each * mask).sum(-1)


def mask_not_shifted(logits, tokens, mask):
    """Shift the tokens and forget the mask: it comes one token late."""
    return (token_logprobs(logits, tokens)[:, 1:] * mask[:, :-1]).sum(-1)


def padding_counted(logits, tokens, mask):
    """Take everything after the prompt for the answer."""
    return (token_logprobs(logits, tokens) * (mask.cumsum(-1) > 0)).sum(-1)


def prompt_counted(logits, tokens, mask):
    """Score the prompt along with the answer."""
    ahead = mask.flip(-1).cumsum(-1).flip(-1)  # answer tokens from here on
    return (token_logprobs(logits, tokens) * (ahead > 0)).sum(-1)


def eos_dropped(logits, tokens, mask):
    """Mask every <eos>, because padding has the same number."""
    return (token_logprobs(logits, tokens) * (mask & (tokens != EOS))).sum(-1)


def mean_not_sum(logits, tokens, mask):
    """Divide by the length."""
    return sequence_logprob(logits, tokens, mask) / mask.sum(-1)


SIX_BUGS = {
    "no shift": no_shift,
    "mask not shifted": mask_not_shifted,
    "padding counted": padding_counted,
    "prompt counted": prompt_counted,
    "<eos> dropped": eos_dropped,
    "mean, not sum": mean_not_sum,
}
