"""Exercises: the catalogue, the checks, and a name for every mistake.

In a notebook: ``from dpo_edu.workbook import check`` and ``check("dpo_loss")`` or
``check("06")`` after saving the file. The same engine stands behind ``dpo-edu check``
and ``pytest tests/exercises``. Chapter modules never import this.
"""

from .notebook import check

__all__ = ["check"]
