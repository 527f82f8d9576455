"""Right answers of chapter 16 that are written in unusual ways."""

import numpy as np
import torch

from dpo_edu.workbook.known_wrong.scaling import (
    ADAPTER,
    BETA,
    FALLING,
    FLOPS,
    HOURS,
    MEMORY,
    PADDING,
    REDUCE,
    laid_out,
)

from . import right


@right(FLOPS)
def three_forward_passes(parameters, tokens):
    return 3 * (2 * parameters * tokens)


@right(FLOPS)
def in_floats(parameters, tokens):
    return 6.0 * float(parameters) * float(tokens)


@right(MEMORY)
def four_values_each(parameters, trainable, bytes_per_value):
    return ((parameters - trainable) + 4 * trainable) * bytes_per_value


@right(MEMORY)
def part_by_part(parameters, trainable, bytes_per_value):
    parts = {"weights": parameters, "gradients": trainable, "moments": 2 * trainable}
    return float(sum(bytes_per_value * count for count in parts.values()))


@right(REDUCE)
def with_a_product(gradients, pairs):
    return pairs @ np.where(pairs[:, None] > 0, gradients, 0) / pairs.sum()


@right(REDUCE)
def with_average(gradients, pairs):
    return np.average(gradients[pairs > 0], axis=0, weights=pairs[pairs > 0])


@right(PADDING)
def shifted_by_the_padding(prompts, responses, pad):
    tokens, position, prompt, response = laid_out(prompts, responses, pad)
    padding = len(position) - (prompt + response)
    return tokens, position - padding >= prompt


@right(PADDING)
def built_from_lists(prompts, responses, pad):
    both = [*zip(prompts, responses, strict=True)]
    width = max(len(x) + len(y) for x, y in both)
    tokens = [[pad] * (width - len(x) - len(y)) + x + y for x, y in both]
    mask = [[0] * (width - len(y)) + [1] * len(y) for _, y in both]
    return torch.tensor(tokens), torch.tensor(mask)


@right(HOURS)
def hours_step_by_step():
    return 8.4e18 / 4e14 / 3600


@right(HOURS)
def hours_to_three_digits():
    return 5.83


@right(ADAPTER)
def adapter_by_parts():
    return 7 * 2 + 0.04 * 2 + 0.04 * 2 + 0.04 * 4 + 2 * 0.04 * 4


@right(ADAPTER)
def adapter_to_three_digits():
    return 14.6


@right(BETA)
def from_the_other_side():
    return -7.5 / (-83.5 + 58.5)


@right(BETA)
def from_margins():
    return (-3.84 + 7.5) / ((-74.0 + 61.2) - (-83.5 + 58.5))


@right(FALLING)
def read_aloud():
    return "nothing is wrong"


@right(FALLING)
def in_three_words():
    return " ".join(["nothing", "is", "wrong"])
