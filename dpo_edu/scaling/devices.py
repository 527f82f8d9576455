"""Which device a run uses: the CPU unless you ask for another.

This module does not know what is computed there.
"""

import torch

from ..validation import InputError, require

DEVICES = ("cpu", "cuda", "mps", "auto")


def choose_device(name: str) -> torch.device:
    """The device called ``name``; "auto" is CUDA, else MPS, else the CPU.

    Raises InputError for an unknown name or a device this machine does not have.
    """
    require(
        name in DEVICES, f"unknown device {name!r}: choose from {', '.join(DEVICES)}"
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
