"""The processes that train one model together, as Hugging Face Accelerate joins them.

``accelerate launch`` or ``torchrun`` starts them; without either it is one process. All
build the same batch, each scores its share, and gradients are averaged. How many really
run is told, and held against what was asked for: one launcher has silently started one.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

from accelerate import Accelerator
from accelerate.state import PartialState

from ..scaling.devices import choose_device
from ..validation import counted, require

Item = TypeVar("Item")
MIXED = {"bfloat16": "bf16"}  # Accelerate's name for it; else weights' own precision
WHOLE = ("NO", "MULTI_CPU", "MULTI_GPU", "MULTI_NPU", "MULTI_XPU")  # Accelerate's words
BY_MPI = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")


def join(device: str, precision: str) -> Accelerator:
    """Join the processes that were started with this one, on this kind of device.

    Raises InputError where fewer run than were asked for, or than there are GPUs.
    """
    kind = choose_device(device).type
    _require_started()
    if kind == "cuda":
        _require_gpus()
    team = Accelerator(cpu=kind == "cpu", mixed_precision=MIXED.get(precision, "no"))
    kept_whole = team.distributed_type.value in WHOLE
    words = f"{team.distributed_type.value} cuts a model up; a run saves it whole"
    require(kept_whole, f"{words}: configure Accelerate without it")
    asked = int(os.environ.get("WORLD_SIZE", 1))
    words = f"{asked} processes were asked for, and {team.num_processes} joined"
    require(team.num_processes == asked, words)
    found = team.device.type
    require(found == kind, f"--device {device}: Accelerate takes {found} instead")
    return team


def _require_started() -> None:
    """Raise where a launcher was asked for several processes and has started one.

    It names a place to meet only for several, and each of several has a rank.
    """
    alone = "RANK" not in os.environ and not any(name in os.environ for name in BY_MPI)
    meeting = "ACCELERATE_MIXED_PRECISION" in os.environ and "MASTER_PORT" in os.environ
    require(
        not (alone and meeting),
        "accelerate launch was asked for several processes and has started one (with "
        "--cpu it needs MPI): start them with torchrun --nproc-per-node 2 -m dpo_edu "
        "train ...",
    )


def _require_gpus() -> None:
    """Raise where processes would have to share a GPU."""
    import torch

    here, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", 1)), torch.cuda.device_count()
    words = f"{here} processes on this machine and {counted(gpus, 'GPU')}"
    require(here <= gpus, f"{words}: start no more than one per GPU")


def told(team: Accelerator) -> str:
    """'2 processes, on cpu' or 'one process, on cuda'."""
    count = team.num_processes
    many = "one process" if count == 1 else f"{count} processes"
    return f"{many}, on {team.device.type}"


def dealt(items: Sequence[Item], rank: int, count: int) -> list[Item]:
    """Every ``count``-th item, from ``rank`` on.

    >>> dealt("abcde", 1, 2)
    ['b', 'd']
    """
    return [*items[rank::count]]


def leave() -> None:
    """End the group of processes, all together, where there is one."""
    state = PartialState()
    state.wait_for_everyone()
    state.destroy_process_group()
