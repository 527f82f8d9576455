"""What an exercise may return, and what a check may demand of a value.

A ``Kind`` names a type in words and turns a value into numpy arrays or floats that
checks can compute with; the wrong type, or float32 where float64 went in, is
``Broken`` with a sentence. Torch is only touched where a value is a tensor.

``expect`` demands a fact, ``expect_close`` a value. A wanted value must be 100 times
its tolerance, or 0, because a check that compares 0.005 to two decimals accepts
anything; ``expect_close`` refuses to be used like that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from numbers import Real

import numpy as np

RELATIVE = 1e-9
SMALL = 1e-3  # the tolerance stops shrinking with values below this
ROUNDING = 1e-14  # what counts as an expected 0


class Broken(Exception):
    """An answer failed a check; ``words`` say how, ``got`` and ``wanted`` are shown."""

    def __init__(self, words: str = "", got=None, wanted=None):
        """Keep what the message will show."""
        super().__init__(words)
        self.words, self.got, self.wanted = words, got, wanted


def expect(condition, words: str = "") -> None:
    """Raise ``Broken(words)`` unless ``condition`` holds."""
    if not condition:
        raise Broken(words)


def expect_close(got, wanted, words: str = "", relative: float = RELATIVE) -> None:
    """Raise ``Broken`` unless ``got`` equals ``wanted``, shape included, element-wise.

    Equal means within ``relative`` of the wanted value, or of 0.001 if that is less.
    """
    got, wanted = np.asarray(got, dtype=float), np.asarray(wanted, dtype=float)
    if got.shape != wanted.shape:
        words = words or f"shape {got.shape} where {wanted.shape} is due"
        raise Broken(words, got, wanted)
    absolute = relative * SMALL
    vague = (abs(wanted) > ROUNDING) & (abs(wanted) < 100 * absolute)
    assert not vague.any(), f"{wanted} is too close to the tolerance to be checked"
    if not np.allclose(got, wanted, rtol=relative, atol=absolute, equal_nan=False):
        raise Broken(words, got, wanted)


@dataclass(frozen=True)
class Kind:
    """A type of result: its name in words and its conversion to plain numbers."""

    words: str
    plain: Callable


def describe(value) -> str:
    """The type of ``value`` in a learner's words: 'a numpy array of shape (3,)'."""
    if value is None:
        return "None (is there a `return`?)"
    if isinstance(value, bool | np.bool_):
        return "a yes or no"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape}"
    if is_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def is_tensor(value) -> bool:
    """Tell a torch tensor without importing torch."""
    return type(value).__module__ == "torch" and hasattr(value, "detach")


def _refuse(value, words: str, way_out: str = ""):
    said = f"it returned {describe(value)}; the task asks for {words}"
    raise Broken(f"{said}: {way_out}" if way_out else said, value)


def _as_float64(value, words: str):
    """``value`` as a numpy array, unless it is not made of float64 numbers."""
    array = value.detach().cpu().numpy() if is_tensor(value) else np.asarray(value)
    if array.dtype.kind not in "fiu":
        _refuse(value, words)
    precise = array.dtype.kind in "iu" or array.dtype.itemsize >= 8
    expect(
        precise, f"the result is {array.dtype}, but float64 went in: digits are lost"
    )
    return array.astype(float)


def as_float(value) -> float:
    """Any real ``value`` as a float; beyond the range of floats, infinity."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def _number(value):
    if is_tensor(value) and value.ndim == 0:
        way_out = "it drags the computation along that gradients need; return .item()"
        expect(not value.requires_grad, f"it returned a tensor: {way_out}")
        value = _as_float64(value, number.words)[()]
    if isinstance(value, bool | np.bool_) or is_tensor(value) or np.ndim(value):
        _refuse(value, number.words)
    if isinstance(value, Real | Decimal) and not isinstance(value, np.generic):
        return as_float(value)  # integers of any size, fractions
    return float(_as_float64(value, number.words))


def _typed(value):
    """Three digits are asked for: float32 will do."""
    return _number(value.item() if hasattr(value, "item") and not value.ndim else value)


def _array(value):
    if not isinstance(value, np.ndarray | np.floating):
        convertible = isinstance(value, list | tuple) or is_tensor(value)
        way_out = "wrap it in np.array(...)" if convertible else ""
        _refuse(value, array.words, way_out)
    return _as_float64(value, array.words)


def _tensor(value):
    if not is_tensor(value):
        _refuse(value, tensor.words, _way_to_a_tensor(value))
    return _as_float64(value, tensor.words)


def _way_to_a_tensor(value) -> str:
    """What makes a tensor of it; nothing where gradients would be lost on the way."""
    if isinstance(value, np.ndarray):
        return "wrap it in torch.tensor(...)"
    if not isinstance(value, list | tuple):
        return ""
    tensors = any(map(is_tensor, value))
    return f"wrap it in torch.{'stack' if tensors else 'tensor'}(...)"


def _flag(value):
    if is_tensor(value) or isinstance(value, np.ndarray):
        value = value.item() if value.ndim == 0 else value
    if not isinstance(value, bool | np.bool_):
        _refuse(value, flag.words)
    return bool(value)


def _text(value):
    if not isinstance(value, str):
        _refuse(value, text.words)
    return value


def as_option(words: str) -> str:
    """Words as they are compared: spaces, capitals and a final period do not count."""
    return " ".join(words.split()).rstrip(".").casefold()


def several(*kinds: Kind) -> Kind:
    """A tuple of results, each of its own kind."""
    words = f"a tuple of {len(kinds)}: {', '.join(kind.words for kind in kinds)}"

    def plain(values):
        stacked = (
            np.ndim(values) if isinstance(values, np.ndarray) else is_tensor(values)
        )
        if stacked and len(values) == len(kinds):
            _refuse(values, words, "take it apart, as in tuple(...)")
        if not isinstance(values, tuple | list) or len(values) != len(kinds):
            _refuse(values, words)
        return tuple(kind.plain(v) for kind, v in zip(kinds, values, strict=True))

    return Kind(words, plain)


def whole(kind: Kind) -> Kind:
    """Numbers of tokens or responses: integers, and int64 in a tensor, for gather."""

    def plain(values):
        found = kind.plain(values)
        said = f"it returned {describe(values)} of {values.dtype}"
        expect(_is_whole(values), f"{said}; the task asks for {words}")
        return found

    words = f"{kind.words} of int64 numbers"
    return Kind(words, plain)


def _is_whole(values) -> bool:
    if is_tensor(values):
        return str(values.dtype) == "torch.int64"
    return values.dtype.kind in "iu"


number = Kind("one number", _number)
typed_number = Kind(number.words, _typed)
array = Kind("a numpy array", _array)
tensor = Kind("a torch tensor", _tensor)
flag = Kind("True or False", _flag)
text = Kind("text in quotes", _text)
option = Kind(text.words, lambda value: as_option(_text(value)))
anything = Kind("a result", lambda value: value)
