"""The folder of a run while it is at work, and what a stop says about it."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..files import new_folder
from ..validation import InputError, require_type
from .alone import alone
from .settings import FILE, require_unfinished

GO_ON = "Go on with: dpo-edu train --resume {}"


@contextmanager
def run_folder(out: Path, stopped: Path | None, advice: str) -> Generator[Path]:
    """A new folder in ``out``, or the one of a ``stopped`` run, for this process alone.

    A stop says how to go on, or removes a new folder that has no settings yet: there is
    nothing to go on with. Too little memory becomes an InputError with the ``advice``.
    """
    require_type(Path, out=out)
    require_type((Path, type(None)), stopped=stopped)
    require_type(str, advice=advice)
    folder = stopped
    try:
        folder = folder or new_folder(out, "train")
        with alone(folder):
            require_unfinished(folder)
            yield folder
    except KeyboardInterrupt:
        if folder is None or (folder / "report.json").exists():
            raise
        if stopped or (folder / FILE).exists():
            raise KeyboardInterrupt(GO_ON.format(folder)) from None
        shutil.rmtree(folder, ignore_errors=True)  # made here, and still empty
        raise
    except (RuntimeError, MemoryError) as error:
        if "memory" not in str(error) and not isinstance(error, MemoryError):
            raise
        raise InputError(f"this machine has too little memory: {advice}") from None
