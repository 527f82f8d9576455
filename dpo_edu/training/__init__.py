"""Chapter 11: SFT, a frozen reference, DPO.

Rooms: ``scoring`` (log-probabilities and losses), ``loop`` (the optimizer),
``world_batches`` (the world as batches), ``world_run`` (the whole course as one run),
``fused_attention`` (the same attention in one kernel), ``evaluation`` (the exact
verdict).
"""

from .loop import (
    Checkpoint,
    Schedule,
    Settings,
    StepReport,
    dpo_step,
    epoch_rows,
    epoch_steps,
    minimize,
    take_step,
    train_pairs,
    train_texts,
)
from .scoring import (
    PairBatch,
    freeze,
    learner,
    model_logp,
    pair_loss,
    sft_loss,
)
