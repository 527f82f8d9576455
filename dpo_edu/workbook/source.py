"""Values as Python that makes them again: ``torch.tensor([0.5], dtype=torch.float64)``.

Names are those at the heads of the exercises' files: ``np``, ``torch``, ``sp``. Every
number has all its digits, and every array and tensor its shape and its type.
"""

import math
from collections.abc import Sequence

import numpy as np

from .kinds import is_tensor

WITHOUT_DTYPE = ("torch.int64", "torch.bool")  # torch's own choice for such entries
SYMBOLS = "sympy.core.symbol"
LEFT_AS_THEY_ARE = (int, bool, str, type(None))


class NoSource(Exception):
    """Nothing short in Python makes the thing again: a model, a generator."""


def source(thing) -> str:
    """``thing`` as Python; ``NoSource`` where there is none."""
    if is_tensor(thing):
        return _tensor(thing)
    if isinstance(thing, np.ndarray | np.generic):
        return _array(thing)
    if type(thing) is float:
        return repr(thing) if math.isfinite(thing) else f'float("{thing}")'
    if type(thing) in (list, tuple, dict):
        return _collection(thing)
    if type(thing) in LEFT_AS_THEY_ARE:
        return repr(thing)
    if type(thing).__module__ == SYMBOLS:
        return _symbol(thing)
    raise NoSource(f"no Python for a {type(thing).__name__}")


def _collection(thing) -> str:
    if isinstance(thing, dict):
        pairs = (f"{source(key)}: {source(entry)}" for key, entry in thing.items())
        return f"{{{', '.join(pairs)}}}"
    entries = ", ".join(map(source, thing))
    if isinstance(thing, list):
        return f"[{entries}]"
    return f"({entries},)" if len(thing) == 1 else f"({entries})"


def _array(thing) -> str:
    if thing.dtype.kind not in "biuf" or thing.dtype.itemsize > 8:
        raise NoSource(f"no Python for {thing.dtype} numbers")
    if isinstance(thing, np.generic):
        return f"np.{type(thing).__name__}({source(thing.item())})"
    own = np.array(thing.tolist()).dtype == thing.dtype
    dtype = "" if own else f", dtype=np.{thing.dtype.name}"
    return _made("np.array", thing, dtype)


def _tensor(thing) -> str:
    own = thing.numel() > 0 and str(thing.dtype) in WITHOUT_DTYPE
    dtype = "" if own else f", dtype={thing.dtype}"
    grad = ", requires_grad=True" if thing.requires_grad else ""
    return _made("torch.tensor", thing.detach().cpu(), dtype + grad)


def _made(make: str, thing, options: str) -> str:
    """A list of the entries; where there are none, it would not tell the shape."""
    shape: Sequence[int] = thing.shape
    if 0 not in shape:
        return f"{make}({source(thing.tolist())}{options})"
    return f"{make.split('.')[0]}.zeros({tuple(shape)}{options})"


def _symbol(thing) -> str:
    from sympy import srepr  # there is a symbol, so it is loaded

    return f"sp.{srepr(thing)}"
