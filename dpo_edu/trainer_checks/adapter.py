"""What a maintainer hands in: a module, or an object, with some of these functions.

This module knows what the functions are called and looks at what they return. It does
not know what is right.
"""

import importlib
import sys
from copy import deepcopy
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from ..validation import InputError, require
from .words import Rows

FUNCTIONS = {
    "logprob": "(model, tokens, mask) -> (B,), log pi(y|x) in nats",
    "loss": "(logp_chosen, logp_rejected, ref_logp_chosen, ref_logp_rejected, beta)",
    "pair_loss": "(policy, reference, chosen, rejected, beta) -> the loss of a batch",
    "reference": "(policy) -> the reference that your training makes of it",
    "accumulate": "(policy, reference, parts, beta): leave the gradient of all parts",
    "train": "(policy, reference, batches, beta, folder, stop): go on to step ``stop``",
    "model": "() -> a policy of your own, where the check-up's will not do",
}
MEAN = "mean over tokens"
CONVENTIONS = {MEAN: "log-probabilities are divided by the response's tokens"}


class Trainer:
    """An adapter, and what it says about itself."""

    def __init__(self, source):
        source = load(source) if isinstance(source, (str, Path)) else source
        self.source, self.name = source, _name(source)
        self.has = {name for name in FUNCTIONS if callable(getattr(source, name, None))}
        require(
            self.has - {"model"},
            f"{self.name} has none of the functions {', '.join(FUNCTIONS)}",
        )
        self.not_applicable = dict(getattr(source, "NOT_APPLICABLE", {}))
        self.conventions = set(getattr(source, "CONVENTIONS", ()))
        unknown = self.conventions - CONVENTIONS.keys()
        known = ", ".join(map(repr, CONVENTIONS))
        require(not unknown, f"{self.name}: CONVENTIONS may hold {known}")

    def model(self):
        """A fresh policy; its weights are the same at every call."""
        if "model" in self.has:
            return self.source.model()
        from .language import Language

        return Language()

    def reference(self, policy):
        """The reference made of a policy; by us, if the adapter does not say how."""
        if "reference" in self.has:
            return self.source.reference(policy)
        return deepcopy(policy)

    def logprob(self, model, rows: Rows):
        """What the trainer says that log pi(y|x) is: (B,)."""
        logp = self.source.logprob(model, *_copied(rows))
        return _shaped("logprob", logp, len(rows.tokens))

    def loss(self, four, beta: float):
        """The trainer's loss of some pairs: (), or (B,) if it leaves them apart."""
        return _loss("loss", self.source.loss(*four, beta), len(four[0]))

    def pair_loss(self, policy, reference, chosen: Rows, rejected: Rows, beta: float):
        """The trainer's loss of a batch, as one number."""
        sides = _copied(chosen), _copied(rejected)
        found = self.source.pair_loss(policy, reference, *sides, beta)
        return _loss("pair_loss", found, len(chosen.tokens)).mean()

    def accumulate(self, policy, reference, parts, beta: float) -> None:
        """Let the trainer leave the gradient of all parts in the policy's weights."""
        parts = [(_copied(chosen), _copied(rejected)) for chosen, rejected in parts]
        self.source.accumulate(policy, reference, parts, beta)

    def train(self, policy, reference, batches, beta, folder, stop) -> None:
        """Let the trainer go on from what is in ``folder``, to step ``stop``."""
        batches = [(_copied(chosen), _copied(rejected)) for chosen, rejected in batches]
        self.source.train(policy, reference, batches, beta, folder, stop)


def load(name):
    """The adapter of this dotted name, or in this file.

    Modules beside the file, or in the current folder, can be imported by it.
    """
    path = Path(name)
    is_file = path.suffix == ".py"
    require(path.is_file() or not is_file, f"there is no file {path}")
    sys.path.insert(0, str(path.parent.resolve() if is_file else Path.cwd()))
    if is_file:
        module = ModuleType(path.stem)
        module.__file__ = str(path)
        SourceFileLoader(path.stem, str(path)).exec_module(module)
        return module
    try:
        return importlib.import_module(str(name))
    except ModuleNotFoundError as error:
        if error.name and str(name).startswith(error.name):
            raise InputError(f"there is no module {name}: {error}") from error
        raise


def _name(source) -> str:
    return getattr(source, "__name__", None) or type(source).__name__


def _copied(rows: Rows) -> Rows:
    """Rows that a trainer may write into."""
    return Rows(rows.tokens.clone(), rows.mask.clone())


def _shaped(name: str, found, count: int):
    """A tensor of one number per row, or why it is none."""
    shape = getattr(found, "shape", None)
    got = type(found).__name__ if shape is None else f"a tensor of shape {tuple(shape)}"
    fits = shape is not None and tuple(shape) == (count,)
    require(fits, f"{name} must return a tensor of shape ({count},), got {got}")
    return found


def _loss(name: str, found, count: int):
    """A tensor of one number, or of one per pair, or why it is neither."""
    shape = getattr(found, "shape", None)
    got = type(found).__name__ if shape is None else f"a tensor of shape {tuple(shape)}"
    fits = shape is not None and tuple(shape) in ((), (count,))
    wanted = f"the loss alone: one number, or one per pair, ({count},)"
    require(fits, f"{name} must return {wanted}; got {got}")
    return found
