"""The course's solutions as modules, and the numbers that tests hand them."""

from functools import cache
from pathlib import Path

import torch

from dpo_edu.workbook.python_file import load_file

ROOT = Path(__file__).parents[2]


@cache
def solutions(number: str):
    """A chapter's file of solutions, as a module."""
    (path,) = (ROOT / "solutions").glob(f"{number}_*.py")
    return load_file(path)


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def four_logps(seed=0, pairs=6):
    """Log-probabilities of pairs under two policies, of shape (4, pairs)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(4, pairs, generator=generator, dtype=torch.float64) * 5 - 20
