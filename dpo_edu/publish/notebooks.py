"""Notebooks run from top to bottom and stored so that a second run changes no byte.

One thread, no timing, no version numbers, cell ids that stay put, small pictures. This
module knows nothing of what the notebooks teach.
"""

import io
import os
import re
from base64 import b64decode, b64encode
from pathlib import Path

from ..files import read_json, write_atomically
from ..validation import InputError, require

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
UNCOMPARED = "nbval-ignore-output"  # nbval's own tag: run the cell, compare nothing
PERSONAL = {"exercise", "slider"}  # cells whose output depends on who runs them
SECONDS_PER_CELL = 120


def find(folder: Path, chapters: list[str]) -> list[Path]:
    """List the notebooks ``NN_stem.ipynb`` of ``folder``, all or the numbers given."""
    everything = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    require(everything, f"no notebooks in {folder}: run this in the project's folder")
    known = {path.name[:2]: path for path in everything}
    unknown = [number for number in chapters if number.zfill(2) not in known]
    words = f"no notebook {', '.join(unknown)}: there are {', '.join(known)}"
    require(not unknown, words)
    return [known[number.zfill(2)] for number in chapters] or everything


def execute(path: Path) -> None:
    """Run the notebook at ``path`` on one thread and write it back with its outputs."""
    import nbformat  # half a second to import, like the kernel's client below

    notebook = read(path)
    run_cells(notebook, path.parent, OMP_NUM_THREADS="1")
    normalize(notebook, path.stem)
    write_atomically(path, nbformat.writes(notebook) + "\n")


def read(path: Path):
    """The notebook at ``path``; InputError if it is none, or has no cell."""
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


def normalize(notebook, stem: str) -> None:
    """Remove from ``notebook`` whatever changes from one run or reader to the next."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if PERSONAL & set(tags):
            tags = [*dict.fromkeys([*tags, UNCOMPARED])]
        cell.metadata = {"tags": tags} if tags else {}
        if cell.cell_type == "code":
            cell.outputs = [] if PERSONAL & set(tags) else joined(cell.outputs)
            shrink_pictures(cell.outputs)
    name_cells(notebook, prefix=stem[:2])


def joined(outputs: list) -> list:
    """Merge neighboring pieces of one stream, which arrive split at random."""
    merged: list = []
    for output in outputs:
        previous = merged[-1] if merged else {}
        if output.output_type == "stream" and output.name == previous.get("name"):
            previous["text"] += output.text
        else:
            merged.append(output)
    return merged


def shrink_pictures(outputs: list) -> None:
    """Store PNGs with a palette of 64 colors: a fifth of the size, the same look."""
    from PIL import Image  # matplotlib brings it

    for output in outputs:
        if "image/png" in output.get("data", {}):
            picture = Image.open(io.BytesIO(b64decode(output.data["image/png"])))
            small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
            stored = io.BytesIO()
            small.save(stored, "PNG", optimize=True, dpi=picture.info["dpi"])
            output.data["image/png"] = b64encode(stored.getvalue()).decode()


def name_cells(notebook, prefix: str) -> None:
    """Give each cell without a stable id the next free one: ``01-007``.

    Cells that have such an id keep it, so that a new cell does not rename the rest.
    """
    pattern = re.compile(rf"{prefix}-[0-9]{{3}}")
    taken: set[str] = set()
    for cell in notebook.cells:
        keep = pattern.fullmatch(cell.id) and cell.id not in taken
        cell.id = cell.id if keep else ""
        taken.add(cell.id)
    free = (f"{prefix}-{number:03d}" for number in range(1, 1000))
    for cell in notebook.cells:
        if not cell.id:
            cell.id = next(name for name in free if name not in taken)
