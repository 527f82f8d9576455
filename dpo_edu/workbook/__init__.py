"""Exercises: the catalogue, the checks, and a name for every mistake.

In a notebook: ``from dpo_edu.workbook import check`` and ``check("dpo_loss")`` or
``check("06")`` after saving the file. The same engine stands behind ``dpo-edu check``
and ``pytest tests/exercises``. Chapter modules never import this.
``dpo_loss(*failing(dpo_loss))`` repeats the call at which its checks stop. After
``%load_ext dpo_edu.workbook`` a cell that begins with ``%%exercise dpo_loss`` is run,
and its function is checked.
"""

from .cell_magic import load_ipython_extension
from .notebook import check, failing

__all__ = ["check", "failing", "load_ipython_extension"]
