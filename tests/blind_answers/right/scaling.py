"""Chapter 16: right answers in unusual styles."""

import math
import operator
from collections import namedtuple
from functools import partial, reduce
from itertools import chain

import numpy as np
import torch


def training_flops__math_prod(parameters, tokens):
    """math.prod of Python integers, which never overflow."""
    return math.prod((2 + 4, int(parameters), int(tokens)))


def training_flops__float(parameters, tokens):
    """In double precision floats."""
    forward = 2.0 * float(parameters) * float(tokens)
    return forward + 2 * forward


def training_flops__reduce(parameters, tokens, *, verbose=False):
    """reduce(mul) over the three passes, with a keyword that prints."""
    passes = [reduce(operator.mul, (2, int(parameters), int(tokens))) for _ in range(3)]
    if verbose:
        print("Vorwärts, Gradient der Eingaben, Gradient der Gewichte:", passes)
    return sum(passes)


def training_memory_bytes__by_kind(parameters, trainable, bytes_per_value):
    """A named tuple of what is kept, summed and multiplied."""
    kept = namedtuple("Kept", "weights gradients first second")(
        parameters, trainable, trainable, trainable
    )
    return sum(kept) * bytes_per_value


def training_memory_bytes__frozen_and_trained(parameters, trainable, bytes_per_value):
    """Frozen weights once, trainable ones four times, by np.dot in float64."""
    return np.dot([parameters - trainable, trainable], [1.0, 4.0]) * bytes_per_value


def _bytes(per_trainable, parameters, trainable, bytes_per_value):
    """A general rule, of which one argument is then fixed."""
    return bytes_per_value * parameters + per_trainable * bytes_per_value * trainable


training_memory_bytes__partial = partial(_bytes, 3)
training_memory_bytes__partial.__doc__ = "A functools.partial object, not a function."


def find_the_bug_all_reduce__ma_average(gradients, pairs):
    """A masked array: nan rows are masked and do not count in np.ma.average."""
    masked = np.ma.masked_array(gradients, mask=np.broadcast_to((pairs == 0)[:, None], gradients.shape))
    return np.ma.average(masked, axis=0, weights=pairs).filled(0.0)


def find_the_bug_all_reduce__repeat(gradients, pairs):
    """Repeats each gradient as often as its process has pairs, then takes the plain mean."""
    return np.repeat(gradients, pairs, axis=0).mean(axis=0)


def find_the_bug_all_reduce__einsum(gradients, pairs):
    """where instead of indexing, and einsum."""
    clean = np.where((pairs > 0)[:, None], gradients, 0.0)
    return np.einsum("k,kp->p", pairs / pairs.sum(), clean)


def find_the_bug_left_padding__flipped(prompts, responses, pad):
    """Reverses all rows, pads on the right with pad_sequence, and turns everything around again."""
    rows = [torch.tensor((x + y)[::-1]) for x, y in zip(prompts, responses, strict=True)]
    marks = [torch.tensor([True] * len(y) + [False] * len(x)) for x, y in zip(prompts, responses)]
    tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=pad)
    mask = torch.nn.utils.rnn.pad_sequence(marks, batch_first=True, padding_value=False)
    return tokens.flip(1), mask.flip(1)


def find_the_bug_left_padding__filled_rows(prompts, responses, pad):
    """Fills prepared tensors row by row with negative slices; the mask is int64 with ones."""
    width = max(len([*chain(x, y)]) for x, y in zip(prompts, responses))
    tokens = torch.full((len(prompts), width), pad, dtype=torch.int64)
    mask = torch.zeros_like(tokens)
    for row, (x, y) in enumerate(zip(prompts, responses)):
        tokens[row, -len(x) - len(y) :] = torch.tensor([*x, *y])
        mask[row, -len(y) :] = 1
    return tokens, mask


def find_the_bug_left_padding__parallel_lists(prompts, responses, pad):
    """Builds the mask as lists of bools, parallel to the tokens, without any arithmetic on positions."""
    width = max(len(x) + len(y) for x, y in zip(prompts, responses))
    tokens, mask = [], []
    for x, y in zip(prompts, responses):
        missing = width - len(x) - len(y)
        tokens.append([pad] * missing + x + y)
        mask.append([False] * (missing + len(x)) + [True] * len(y))
    return torch.tensor(tokens), torch.tensor(mask)


def predict_the_hours__step_by_step():
    """In whole numbers until the last division."""
    read = 60_000 * 2 * 500
    policy = 3 * read * 7 * 10**9 * (2 + 4)
    reference = read * 7 * 10**9 * 2
    return (policy + reference) / (4 * 10**14) / 3600


def predict_the_adapter_memory__numpy():
    """A dot product of weights and bytes."""
    return np.dot([7e9, 40e6], [2, 2 + 2 + 4 + 4 + 4]) / 1e9


def predict_the_beta__least_squares():
    """A line through the origin fitted to both points."""
    x = np.array([-74.00 + 61.20, -83.50 + 58.50])
    y = np.array([-3.840, -7.500])
    return (x @ y) / (x @ x)


def diagnose_the_falling_rewards__elimination():
    """Strikes the wrong ones out of the list of six."""
    six = {
        "nothing is wrong",
        "the reference moves with the policy",
        "the reference is not what the policy began as",
        "the sign of the loss is wrong",
        "the learning rate is far too large",
        "too few pairs, too many epochs",
    }
    (left,) = {answer for answer in six if not answer.startswith(("the", "too"))}
    return left
