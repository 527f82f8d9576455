"""When does a best-fitting reward exist at all?

Draw an arrow i -> j whenever i beat j at least once. A finite maximum-likelihood
reward, unique up to a constant, exists exactly when every item reaches every other
along arrows: Zermelo (1929), Ford (1957). An item that won and never lost would
be pushed to +infinity, and items never compared, even through others, share no common
scale. This module knows only who beat whom; it fits nothing.
"""

import numpy as np

from ..validation import InputError, require, require_square
from ..validation.arrays import not_negative


class NoFiniteMLE(InputError):
    """No finite, unique maximum-likelihood reward; the message names the items."""


def checked_wins(wins, name="wins"):
    """``wins`` as a float array; raises unless it is square, finite and >= 0."""
    wins = not_negative(axes=2, **{name: wins})
    require_square(**{name: wins})
    require(not np.diag(wins).any(), f"{name}[i, i] must be 0: nobody plays itself")
    return wins


def reachable(arrows):
    """``[i, j]``: is there a path of arrows from i to j? Everyone reaches itself."""
    arrows = _booleans(arrows=arrows)
    reach = (arrows | np.eye(len(arrows), dtype=bool)).astype(float)
    for _ in range(len(arrows).bit_length()):  # paths of up to 2, 4, 8, ... arrows
        reach = (reach @ reach > 0).astype(float)
    return reach > 0


def groups(same):
    """The classes of an equivalence ``same[i, j]`` as lists of items, in order."""
    same = _booleans(same=same)
    return sorted(np.flatnonzero(row).tolist() for row in np.unique(same, axis=0))


def comparison_components(wins):
    """Groups of items that can be compared, directly or through others.

    Rewards of different groups have no determined difference: with several groups
    the likelihood does not change when one group is shifted against another.
    """
    played = checked_wins(wins) > 0
    return groups(reachable(played | played.T))


def mle_exists(wins):
    """Is there a finite best-fitting reward, unique up to a constant?

    wins[i, j] = how often i beat j. True iff the win graph is strongly connected.
    """
    return bool(reachable(checked_wins(wins) > 0).all())


def require_finite_mle(wins):
    """Raise ``NoFiniteMLE``, naming items and reason, unless ``mle_exists(wins)``."""
    components = comparison_components(wins)
    if len(components) > 1:
        first, second = components[:2]
        raise NoFiniteMLE(
            f"items {first} and {second} were never compared, even through others, so "
            "their rewards have no common scale: compare them, or ask for ridge > 0"
        )
    reach = reachable(checked_wins(wins) > 0)
    for group in groups(reach & reach.T):  # i and j beat each other along some path
        if len(group) < len(wins) and reach[:, group[0]].sum() == len(group):
            raise NoFiniteMLE(
                f"items {group} never lost to any other, so their rewards run off to "
                "infinity: add comparisons they lose, or ask for ridge > 0"
            )


def _booleans(**table):
    """The named table of True and False; raises unless it is a square one."""
    ((name, value),) = table.items()
    not_negative(axes=2, **table)
    require_square(**{name: np.asarray(value)})
    require(np.asarray(value).dtype == bool, f"{name} must be True or False, no counts")
    return np.asarray(value)
