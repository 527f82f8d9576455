"""Which device a run uses: the CPU unless you ask for another.

This module does not know what is computed there.
"""

import torch

from ..validation import InputError, require, require_type, require_whole

DEVICES = ("cpu", "cuda", "mps", "auto")
MOST_THREADS = 1_024


def choose_device(name: str) -> torch.device:
    """The device called ``name``; "auto" is CUDA, else MPS, else the CPU.

    Raises InputError for an unknown name or a device this machine does not have.
    """
    require_type(str, name=name)
    require(
        name in DEVICES,
        f"name: unknown device {name!r}, choose from {', '.join(DEVICES)}",
    )
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, here in present.items() if here))
    if not present[name]:
        raise InputError(f"no {name} device on this machine: use --device cpu or auto")
    return torch.device(name)


def use_threads(count: int) -> None:
    """Give torch so many threads of the processor.

    One is the default everywhere: it is fastest for matrices this small, and beside a
    second busy process two threads were five to thirteen times slower than one.
    """
    require_whole(1, MOST_THREADS, **{"--threads, count": count})
    torch.set_num_threads(count)
