"""A pretrained language model and its tokenizer: by name, from a folder or a hub.

``smollm2`` is what ``dpo-edu model smollm2`` has fetched; anything else is handed to
transformers. A folder on this machine is read without asking any hub.
"""

import os
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..validation import InputError, require
from .cache import PACKAGES, place
from .fetch import require_extra


class Pretrained(NamedTuple):
    """What transformers loaded."""

    model: Any  # a causal language model, in evaluation mode
    tokenizer: Any


def load(name: str, dtype: str = "float32") -> Pretrained:
    """The model called ``name``: one that was fetched, a folder, or a hub's name.

    dtype: of the weights, such as "float32" or "bfloat16". No code that comes with a
    model is run. Raises InputError, in one line, where there is no such model.
    """
    require_extra("transformers")
    where = located(name)
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    with loading(where) as local:
        tokenizer: Any = AutoTokenizer.from_pretrained(where, local_files_only=local)
        model = AutoModelForCausalLM.from_pretrained(
            where, local_files_only=local, dtype=dtype
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Pretrained(model.eval(), tokenizer)


@contextmanager
def loading(where: str):
    """Inside, whatever transformers cannot load becomes one line; yields: a folder?"""
    try:
        yield os.path.isdir(where)
    except MemoryError:
        raise
    except Exception as error:  # whatever a folder or a hub can be at fault with
        reason = " ".join(str(error).split())[:200]
        words = f"transformers cannot load {where}"
        raise InputError(f"{words}: {type(error).__name__}: {reason}") from None


def located(name: str) -> str:
    """The folder that ``name`` means, or ``name`` itself where a hub must know it.

    A folder called like a model that can be fetched has to be named with its path,
    such as ./smollm2.
    """
    require(name, "the name of the model is empty")
    if name in PACKAGES:
        folder = place(name)
        words = f"{name} is not on this machine yet"
        require(folder.is_dir(), f"{words}: fetch it with dpo-edu model {name}")
        return str(folder)
    if os.path.isdir(name):
        require(
            os.path.isfile(os.path.join(name, "config.json")),
            f"{name} is no model of transformers: it has no config.json",
        )
        return name
    looks_like_a_path = (
        name.count("/") > 1 or name[0] in "./~\\" or os.path.exists(name)
    )
    words = f"no such folder: {name}; models to fetch are {', '.join(PACKAGES)}"
    require(not looks_like_a_path, words)
    return name
