"""Notebooks on the disk: found, read, run, and what the tags of their cells mean.

This module knows nothing of what the notebooks teach.
"""

import os
import re
from itertools import pairwise
from pathlib import Path

from ..files import read_json
from ..validation import InputError, require
from ..validation.extras import require_extra

PERSONAL = {"exercise", "slider", "live"}  # outputs that depend on who runs them
NOTES = "speaker_notes"  # in a cell's metadata: what is said to the slide it opens
SHORT_WAYS = ("afternoon",)  # stems of notebooks that are no chapter: no lecture
SECONDS_PER_CELL = 120
JUPYTER = ("nbformat", "nbclient", "ipykernel")  # read, run, and what runs them


def find(folder: Path, names: list[str]) -> list[Path]:
    """The notebooks of ``folder``: chapters by number, short ways by name; or all."""
    known = _chapters(folder)
    short = {stem: folder / f"{stem}.ipynb" for stem in SHORT_WAYS}
    return _chosen(
        names, known | {n: path for n, path in short.items() if path.exists()}
    )


def find_chapters(folder: Path, numbers: list[str]) -> list[Path]:
    """The notebooks ``NN_stem.ipynb`` of ``folder``, all or the numbers given."""
    return _chosen(numbers, _chapters(folder))


def _chapters(folder: Path) -> dict[str, Path]:
    """{number: path}, in reading order; refuses a folder that has none."""
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    require(paths, f"no notebooks in {folder}: run this in the project's folder")
    return {path.name[:2]: path for path in paths}


def _chosen(names: list[str], known: dict[str, Path]) -> list[Path]:
    unknown = [name for name in names if name.zfill(2) not in known]
    words = f"no notebook {', '.join(unknown)}: there are {', '.join(known)}"
    require(not unknown, words)
    return [known[name.zfill(2)] for name in names] or [*known.values()]


def read(path: Path):
    """The notebook at ``path``; InputError if it is none, or has no cell."""
    require_extra("lab", "notebooks need", *JUPYTER)
    import nbformat

    try:
        text = path.read_text("utf-8")
        record = read_json(text)
        nbformat.validate(record if isinstance(record, dict) else {}, version=4)
        notebook = nbformat.reads(text, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        reason = str(error).split("\n")[0][:80]
        raise InputError(f"{path} is not a notebook: {reason}") from None
    require(notebook.cells, f"{path} has no cells")
    return notebook


def run_cells(notebook, folder: Path, **environment: str) -> None:
    """Run all cells in a fresh kernel started in ``folder``; outputs change in place.

    ``environment`` is added to the kernel's environment variables. Raises InputError
    with the error and the last line of the cell if a cell raises.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # printed lines arrive torn apart otherwise
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env=os.environ | environment)
    except (DeadKernelError, NoSuchKernel) as error:
        raise InputError(f"Jupyter's kernel cannot be used: {error}") from None
    except CellExecutionError as error:
        source = next(cell.source for cell in notebook.cells if failed(cell))
        last = source.rstrip().split("\n")[-1][:80]
        words = f"{error.ename}: {error.evalue}"[:300]
        raise InputError(f"{words}  (in the cell {last!r})") from None


def failed(cell) -> bool:
    """Tell whether running ``cell`` left an error among its outputs."""
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def apart(cells: list, tag: str) -> tuple[list, list]:
    """The ``cells`` without this tag, and those that have it."""
    tagged = [cell for cell in cells if tag in cell.metadata.get("tags", [])]
    return [cell for cell in cells if cell not in tagged], tagged


def is_heading(cell) -> bool:
    """Tell whether ``cell`` is text that opens with a heading."""
    return cell.cell_type == "markdown" and cell.source.startswith("#")


def opens_section(cell) -> bool:
    """Tell whether ``cell`` opens with a title or the heading of a section."""
    return is_heading(cell) and not cell.source.startswith("###")


def has_picture(output) -> bool:
    """Tell whether one ``output`` of a code cell is a picture."""
    return "image/png" in output.get("data", {})


def describe_pictures(cells: list) -> None:
    """Give every picture the caption in the cell below it as alternative text."""
    for cell, below in pairwise(cells):
        caption = re.match(r"\*\*Figure \d+\.\*\* (.+)", below.source, re.S)
        for output in cell.get("outputs", []):
            if caption and has_picture(output):
                words = " ".join(caption[1].split())
                output.metadata = {"image/png": {"alt": words}}
