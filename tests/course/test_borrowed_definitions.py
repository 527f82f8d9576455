"""What a notebook writes out in place of a library's function is that function."""

import numpy as np
import pytest
import torch

from .notebook import PATHS, Notebook


def defined_in(stem: str, name: str):
    """The function ``name`` as a cell of the notebook ``stem`` defines it."""
    path = next(path for path in PATHS if path.stem == stem)
    cell = next(c for c in Notebook(path).code if f"def {name}(" in c.source)
    names = {"np": np}
    exec(cell.source, names)
    return names[name]


@pytest.mark.parametrize("log_target", [True, False])
def test_kl_div_of_chapter_03_is_that_of_torch(log_target):
    ours = defined_in("03_divergence", "kl_div")
    logs = np.log(np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 3)))
    for target in (logs[1], np.exp(logs[1])):
        theirs = torch.nn.functional.kl_div(
            torch.tensor(logs[0]),
            torch.tensor(target),
            reduction="none",
            log_target=log_target,
        )
        found = ours(logs[0], target, log_target=log_target)
        np.testing.assert_allclose(found, theirs, atol=1e-12)  # NaN where it has NaN
