"""One way to refuse bad input: an ``InputError`` whose message is a single line.

The line names the argument and says what was expected and what came. The command line
prints it and exits with code 2; in Python it is an ordinary ``ValueError``. Functions
called ``require...`` only look. ``arrays`` (numpy) and ``tensors`` (torch) also return
what a formula needs, and are imported by path: commands load neither library.

    logp, ref_logp = log_distributions(logp=logp, ref_logp=ref_logp)
"""

from .numbers import (
    require_above,
    require_amount,
    require_between,
    require_finite,
    require_inside,
    require_not_negative,
    require_positive,
    require_whole,
)
from .refusal import InputError, counted, refuse, require, visible
from .shapes import (
    require_axes,
    require_broadcastable,
    require_not_empty,
    require_same_outcomes,
    require_same_shape,
    require_shape,
    require_square,
)
from .things import (
    WholeNumbers,
    listed,
    of_type,
    require_callable,
    require_callable_or_none,
    require_list_of,
    require_type,
)
