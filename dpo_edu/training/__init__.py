"""Chapter 11: SFT, a frozen reference, DPO.

Rooms: ``loop`` (losses and the optimizer), ``world_batches`` (the world as batches),
``world_run`` (the whole course as one run), ``evaluation`` (the exact verdict).
"""

from .loop import (
    Checkpoint,
    PairBatch,
    Schedule,
    Settings,
    StepReport,
    dpo_step,
    epoch_rows,
    epoch_steps,
    freeze,
    learner,
    minimize,
    model_logp,
    pair_loss,
    sft_loss,
    take_step,
    train_pairs,
    train_texts,
)
