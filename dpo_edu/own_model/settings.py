"""Settings of a run that trains a pretrained model on your own pairs.

As those of the small model, which ``own_data`` reads and checks, and what a pretrained
one needs besides. The learning rate hangs on what learns: an adapter is far from the
weights that it changes and bears more.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..own_data import settings as common
from ..own_data.settings import RunSettings
from ..validation import require

LORA_RATE, FULL_RATE = 2e-4, 5e-6
PLAIN = ("chat", "text")  # where a prompt goes that is no conversation
MOST_RANK = 1_024


@dataclass(frozen=True)
class ModelSettings(RunSettings):
    """Everything that decides a run on a pretrained model."""

    model: str = ""  # smollm2, a folder, or a hub's name
    base: str = ""  # what the model is known by: see ``start.known_by``
    lora: int = 8  # rank of the adapter; 0: all weights learn
    plain_prompts: str = "chat"  # the user's message, or text as it stands
    epochs: int = 1
    batch_size: int = 8  # pairs per step, of all processes together
    at_once: int = 2_048  # tokens in one forward pass of a process
    learning_rate: float = LORA_RATE
    warmup: float = 0.1  # share of the steps in which the rate rises
    clip: float = 1.0  # the largest norm of a gradient

    def require_sense(self, called: Callable) -> None:
        """Raise unless what a pretrained model needs besides is in range."""
        for name, value in (("at_once", self.at_once), ("clip", self.clip)):
            require(value > 0, f"{called(name)} must be more than 0, got {value}")
        rank, share = self.lora, self.warmup
        fits = 0 <= rank <= MOST_RANK
        require(fits, f"{called('lora')} must be between 0 and {MOST_RANK}, got {rank}")
        require(0 <= share <= 1, f"{called('warmup')} must be between 0 and 1")
        word, name = self.plain_prompts, called("plain_prompts")
        require(word in PLAIN, f"{name} is {' or '.join(PLAIN)}, not {word!r}")
        require(self.model, f"{called('model')} names no model")


def new_settings(asked: dict) -> ModelSettings:
    """Defaults with what was asked for; InputError names what no run can have."""
    rate = LORA_RATE if asked.get("lora", ModelSettings.lora) else FULL_RATE
    asked = {"learning_rate": rate} | asked
    if os.path.isdir(asked.get("model", "")):  # a run may go on from another folder
        asked["model"] = os.path.abspath(asked["model"])
    return common.new_settings(asked, ModelSettings)


def stopped_settings(folder: Path, asked: dict) -> ModelSettings:
    """Those of the run in ``folder``; InputError if it cannot go on as it was."""
    return common.stopped_settings(folder, asked, ModelSettings)


def is_of_a_model(record: dict) -> bool:
    """Whether settings that were read are of a run on a pretrained model."""
    return "base" in record
