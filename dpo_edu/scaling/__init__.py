"""Chapter 16: the same loss on models that others wrote and on more machines.

Rooms: ``budget`` (FLOPs, bytes, hours), ``model_size``, ``devices``, ``distributed``,
``mixed_precision``, ``trainer_log``, ``transformers_policy``, ``export/``.
"""

from .budget import (
    Decoder,
    dpo_flops,
    gpu_hours,
    logits_bytes,
    mixed_memory,
    training_flops,
    training_memory_bytes,
)
