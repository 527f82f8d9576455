"""Answers written blind: by people who saw the task texts and nothing else.

``wrong/STEM.py`` and ``right/STEM.py`` hold functions named ``exercise__what_is_odd``;
the docstring says what is wrong, or unusual, about them. They were written down before
any check had seen them, and stay as they were written.
``python -m tests.campaign blind`` checks them all.
"""

import ast
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
MISJUDGED: dict[str, str] = {
    "dpo_loss__cross_entropy_of_two": "a loss below 1e-16 becomes 0, and the task asks "
    "for 12 decimals",
    "find_the_bug_accuracy__lambda": "its arguments have other names than the task's: "
    "no caller can pass them by name",
    "find_the_bug_all_reduce__ma_average": "np.ma masks what is not finite, so a run "
    "that broke becomes 0; its writer read the task before it spoke of such runs",
}
"""Answers that their writer took for wrong or right and that are not, and why."""


class BlindAnswer(NamedTuple):
    """One answer: its exercise, its file, and what its writer says about it."""

    stem: str
    exercise: str
    name: str  # exercise__what_is_odd
    words: str  # first line of the docstring
    right: bool

    def text(self) -> str:
        """A file of answers in which only this one is given."""
        module = (FOLDER / kind(self.right) / f"{self.stem}.py").read_text("utf-8")
        return f"{module}\n\n{self.exercise} = {self.name}\n"


def kind(right: bool) -> str:
    """The folder's name."""
    return "right" if right else "wrong"


def blind_answers(stem: str, right: bool) -> list[BlindAnswer]:
    """All of a chapter, in their order; [] if nobody has written any."""
    path = FOLDER / kind(right) / f"{stem}.py"
    if not path.exists():
        return []
    definitions = [*_definitions(ast.parse(path.read_text("utf-8")))]
    return [
        BlindAnswer(stem, name.split("__")[0], name, words, right)
        for name, words in definitions
        if "__" in name.strip("_")
    ]


def _definitions(module: ast.Module):
    """Name and first words of all that the module's top level defines."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, (ast.get_docstring(node) or "").split("\n")[0]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, ""
