"""Leave the interpreter as it was found: random states, dtypes, printing, folder."""

import os
import random
import sys
import warnings
from contextlib import contextmanager

import numpy as np


@contextmanager
def undisturbed():
    """Restore seeds, default dtypes and settings afterwards, warnings silent inside.

    Torch is restored only if it is loaded: numpy chapters need not wait for it.
    """
    folder, python, numeric = os.getcwd(), random.getstate(), np.random.get_state()
    torch_state = _torch_state()
    with warnings.catch_warnings(), np.errstate(), np.printoptions():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            os.chdir(folder)
            random.setstate(python)
            np.random.set_state(numeric)
            _restore_torch(torch_state)


def _torch_state():
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    return torch.get_rng_state(), torch.get_default_dtype(), torch.is_grad_enabled()


def _restore_torch(state) -> None:
    if state is not None:
        torch = sys.modules["torch"]
        torch.set_rng_state(state[0])
        torch.set_default_dtype(state[1])
        torch.set_grad_enabled(state[2])
