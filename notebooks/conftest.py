"""``pytest --nbval notebooks`` compares printed numbers as numbers, text as text.

The rule stands in ``dpo_edu/publish/printed_numbers.py``.
"""

from functools import partial

from nbval.plugin import IPyNbCell

from dpo_edu.publish.printed_numbers import settled


def pytest_itemcollected(item):
    """Let nbval compare the stored outputs with new ones that were settled before."""
    if isinstance(item, IPyNbCell):
        item.compare_outputs = partial(_compare, item.compare_outputs)


def _compare(exactly, new, stored):
    """Tell whether the outputs of a cell, two lists of dicts, are the same."""
    if len(new) == len(stored):
        new = [_settled(*pair) for pair in zip(new, stored, strict=True)]
    return exactly(new, stored)


def _settled(new, stored):
    """Settle every text in one output, a dict that may hold dicts."""
    if isinstance(new, str) and isinstance(stored, str):
        return settled(new, stored)
    if isinstance(new, dict) and isinstance(stored, dict):
        return type(new)((key, _settled(new[key], stored.get(key))) for key in new)
    return new
