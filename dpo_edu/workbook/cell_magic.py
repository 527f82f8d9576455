"""``%%exercise dpo_loss`` on top of a cell: the cell is run, its function is checked.

So an exercise can be written in a notebook, as people do where they have no editor. The
report is the one of ``check(dpo_loss)``. This module needs no IPython until it is used
from there.
"""

from functools import partial

from ..validation import require
from .catalogue import find_one
from .notebook import check
from .report import Report


def load_ipython_extension(shell) -> None:
    """Give the notebook whose ``shell`` this is the magic ``%%exercise``."""
    magic = partial(exercise, shell)
    shell.register_magic_function(magic, magic_kind="cell", magic_name="exercise")


def exercise(shell, line: str, cell: str) -> Report | None:
    """Run ``cell`` and check the function that it defines for the exercise ``line``.

    Returns the report, or None where the cell raised, which IPython has shown. Raises
    InputError for a name of no exercise, or where the cell does not define it.
    """
    name = line.strip()
    find_one(name)
    shell.user_ns.pop(name, None)  # an older answer is not this cell's
    if not shell.run_cell(cell).success:
        return None
    require(
        name in shell.user_ns, f"this cell defines no {name}: write def {name}(...)"
    )
    return check(shell.user_ns[name], name)
