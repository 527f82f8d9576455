"""A model that several GPUs share out: what each of them keeps.

    bytes per GPU = shared bytes / GPUs + other bytes     (16.4)

Data parallel runs (chapter 16, (16.1)) keep everything on every GPU. ZeRO shares out
first what the optimizer keeps, then the gradients too, then the weights too; the third
stage is what FSDP calls full sharding (Rajbhandari et al. 2020, section 5). A layer's
weights are then gathered for the moment in which it computes. This module knows no
network: what the traffic between the GPUs costs is not counted.
"""

from collections.abc import Mapping

from ..validation import (
    of_type,
    require,
    require_amount,
    require_type,
    require_whole,
)
from .budget import HALF, Decoder

SHARED = (  # what each stage shares out besides, under the names of ``mixed_memory``
    ("float32 copy", "Adam's moments"),
    ("gradients",),
    ("policy weights", "reference weights"),
)


def sharded_memory(parts: Mapping[str, float], gpus: int, stage: int = 3) -> dict:
    """Bytes by part on each of ``gpus`` GPUs, of bytes by part on a single one.

    parts: as ``mixed_memory`` returns them; parts of other names, such as activations,
    belong to a GPU's own pairs and stay as they are. stage: 0 shares out nothing.

    >>> sharded_memory({"gradients": 8.0, "activations": 8.0}, gpus=4)
    {'gradients': 2.0, 'activations': 8.0}
    """
    parts = dict(of_type(Mapping, parts=parts))
    require_whole(1, gpus=gpus)
    require_whole(0, len(SHARED), stage=stage)
    require(all(isinstance(name, str) for name in parts), "parts: names are words")
    require_amount(**parts)
    shared = {name for names in SHARED[:stage] for name in names}
    return {
        name: size / gpus if name in shared else size  # (16.4)
        for name, size in parts.items()
    }


def gathered_bytes(sizes: Decoder) -> int:
    """Bytes of the largest piece that full sharding has whole for a moment.

    A layer, or a table of the vocabulary where that is larger: its bfloat16 weights
    and, on the way back, their gradients.
    """
    require_type(Decoder, sizes=sizes)
    return 2 * HALF * max(sizes.layer_parameters, sizes.vocabulary * sizes.width)
