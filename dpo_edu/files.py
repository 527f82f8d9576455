"""What is left on the disk is written whole or not at all.

A file is written beside its place, flushed to the disk and then renamed, so whoever
stops a run, or pulls the plug, finds the old file or the new one. Weights are
safetensors: loading them runs no code.
"""

import json
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from .validation import InputError, require

UNFINISHED = ".unfinished-"  # how the names of files begin that are not whole yet


def new_folder(parent: Path, name: str) -> Path:
    """Create and return ``parent/name-001``, or the first number not taken."""
    for number in range(1, 100_000):
        folder = parent / f"{name}-{number:03d}"
        try:
            folder.mkdir(parents=True)  # and not: look, then make; others start too
        except FileExistsError as error:
            if parent.is_dir():
                continue
            raise _no_folder(parent, error) from None
        except OSError as error:
            raise _no_folder(parent, error) from None
        return folder
    raise InputError(f"{parent} is full of runs: delete some")


def _no_folder(parent: Path, error: OSError) -> InputError:
    reason = f"cannot create a folder in {parent} ({error.strerror})"
    return InputError(f"{reason}: choose another folder")


def require_writable(path: Path) -> None:
    """Say before the work, and not after minutes of it, that ``path`` cannot be made.

    Its folder, or the nearest that exists, must be one in which this user may write.
    """
    around = Path(os.path.realpath(path)).parents
    folder = next(each for each in around if each.exists())
    reason = "may not be written in" if folder.is_dir() else "is no folder"
    may = folder.is_dir() and os.access(folder, os.W_OK)
    require(may, f"cannot write {path}: {folder} {reason}")


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write ``content`` to ``path`` so that no reader ever sees half of it.

    A link is followed, and a file that is replaced keeps its permissions. What is no
    file, such as /dev/null, is not replaced: InputError.
    """
    path = Path(os.path.realpath(path))
    # Beside a name of full length, one that grew out of it would be too long.
    beside = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        replaceable = path.is_file() or not path.exists()
        require(replaceable, f"cannot write {path} (it is no file)")
        write_new(beside, content)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        raise InputError(f"cannot write {path} ({error.strerror})") from None
    finally:
        with suppress(OSError):
            beside.unlink()


def write_new(path: Path, content: bytes | str) -> None:
    """Write a file that is not there yet, down to the disk; FileExistsError if it is.

    Whatever stops it leaves no file.
    """
    with path.open("xb") as file:  # "x" follows no link that somebody laid there
        try:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise


def flush_folder(folder: Path) -> None:
    """Have the disk keep the folder's new names too, where the system can do that."""
    with suppress(OSError, AttributeError):  # Windows has no O_DIRECTORY
        descriptor = os.open(folder, os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_all(folder: Path, *patterns: str) -> None:
    """Remove the files of ``folder`` that match one of the patterns."""
    for pattern in patterns:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def write_json(path: Path, record: dict) -> None:
    """One readable JSON object."""
    write_atomically(path, json.dumps(record, indent=2) + "\n")


def write_json_lines(path: Path, records) -> None:
    """One JSON object per line."""
    write_atomically(path, json_lines(records))


def json_lines(records) -> str:
    """One JSON object per line, in ASCII: no reader cuts a line at U+2028."""
    return "".join(json.dumps(record) + "\n" for record in records)


def read_json(text: str):
    """The value of a JSON text; ValueError where it is none, or deeper than Python."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def save_weights(path: Path, model) -> None:
    """The model's weights as safetensors."""
    from safetensors.torch import save  # torch: whoever writes text does without

    write_atomically(path, save({k: v.cpu() for k, v in model.state_dict().items()}))


def load_weights(path: Path, model) -> None:
    """Put the weights of a safetensors file into ``model``.

    Raises InputError where the file is no safetensors, belongs to another model or
    holds what is no number.
    """
    weights, _ = read_tensors(path)
    found, expected = _kinds(weights), _kinds(model.state_dict())
    for name in sorted(found.keys() | expected.keys()):
        has, needs = (kinds.get(name, "missing") for kinds in (found, expected))
        require(
            has == needs,
            f"{path} holds no weights of this model: {name} is {has} there, "
            f"{needs} in the model",
        )
    require_finite(path, weights)
    model.load_state_dict(weights)


def read_tensors(path: Path) -> tuple[dict, dict[str, str]]:
    """(tensors, metadata) of a safetensors file; InputError where it is none."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"{path} holds no weights: {reason}") from None


def require_finite(path: Path, tensors: dict) -> None:
    """Raise unless every number of the tensors is one: no NaN, no infinity."""
    for name, value in tensors.items():
        require(
            bool(value.isfinite().all()),
            f"{path}: {name} is not finite; the training that made it diverged",
        )


def _kinds(weights) -> dict[str, str]:
    """'(64,)', and the type of number where it is not float32, by name."""
    return {
        name: f"{tuple(value.shape)} {value.dtype}".removesuffix(" torch.float32")
        for name, value in weights.items()
    }
