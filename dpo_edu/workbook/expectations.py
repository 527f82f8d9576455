"""What a check may demand of an answer: ``expect`` a fact, ``expect_close`` a value.

Both raise ``Broken``, which carries the words and values that the learner will read.
A wanted value must be 100 times its tolerance, or 0: a check that compares 0.005 to two
decimals accepts anything. ``expect_close`` refuses to be used like that.
"""

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
