"""The notebook's face of the exercises: ``check``, and ``failing`` for its calls."""

from collections.abc import Callable
from pathlib import Path

from ..validation import InputError
from .folder import Folder, find_folder, folder_in, lay_down, shown, writable
from .report import Report
from .running import check_selection, select


def check(*what: str | Callable, folder: Path | str | None = None) -> Report:
    """Check exercises by name or chapter, all of them if none is named.

    ``check(dpo_loss)`` checks a function of this notebook as the answer to the exercise
    of its name, ``check(f, "dpo_loss")`` one of another name. Otherwise it reads the
    saved files of ``folder``, by default those of answers/ and exercises/ here or
    above; the stubs of a named chapter that has no file there are laid down in
    answers/. The report shows itself in a notebook or with ``print``.
    """
    function, *name = what or ("",)
    if not isinstance(function, str):
        return _check_function(function, *name)
    selection = select(map(str, what))
    selected = [chapter for chapter, _ in selection]
    if folder:
        place = Folder((Path(folder),))
    else:
        place = find_folder() or writable(folder_in(Path.cwd()))
        missing = [c for c in selected if what and not place.file(c).exists()]
        for path in lay_down(place, missing):
            print(f"new: {shown(path)}; write your answers there")
    for remark in place.remarks(selected):
        print(remark)
    return check_selection(selection, place)


def failing(function: Callable, name: str = "") -> tuple:
    """The arguments of the call at which the checks of ``function`` stop.

    They are as they were before that call: ``dpo_loss(*failing(dpo_loss))`` makes it
    once more. ``failing(f, "dpo_loss")`` is for a function of another name. Raises
    ``InputError`` where no call fails.
    """
    from .calls import arguments_at_failure  # needs numpy, as above

    if not callable(function) or not isinstance(name, str):
        raise InputError('give one function: failing(f) or failing(f, "NAME")')
    return arguments_at_failure(function, name or getattr(function, "__name__", ""))


def _check_function(function: Callable, *name) -> Report:
    from .in_cell import check_function  # needs numpy, which commands can do without

    if not callable(function) or len(name) > 1 or not all(map(_is_text, name)):
        raise InputError('give names, or one function: check(f) or check(f, "NAME")')
    return check_function(function, *name)


def _is_text(word) -> bool:
    return isinstance(word, str)
