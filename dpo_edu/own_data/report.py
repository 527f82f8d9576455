"""What became of a run: numbers on pairs that training never saw, and samples.

On the screen and in report.json. This module does not train.
"""

from contextlib import contextmanager
from pathlib import Path

import torch

from ..dpo_loss import dpo_loss
from ..tiny_transformer import TinyTransformer
from ..training.scoring import log_record
from ..validation import (
    require,
    require_callable,
    require_list_of,
    require_same_shape,
    require_type,
)
from ..validation.tensors import require_floats
from .batches import complete, logp_of_all
from .preparation import Prepared
from .settings import OwnSettings

PROMPTS, LONGEST = 3, 80  # samples: to how many prompts, of how many bytes


def measure(settings, reference, policy, called, pairs: Prepared) -> dict:
    """What report.json holds: both models on held-out pairs, and what the data are.

    ``called``: the policy as training called it, perhaps in another precision.
    """
    require_type(OwnSettings, settings=settings)
    require_callable(reference=reference, policy=policy, called=called)
    require_type(Prepared, pairs=pairs)
    with _in_float32():
        before, after = (
            logp_of_all(each, pairs.held_out) for each in (reference, policy)
        )
    found = {
        name: held_out_record(logp, before, settings.beta)
        for name, logp in (("reference", before), ("learned", after))
    }
    if called is not policy:
        off = (logp_of_all(called, pairs.held_out) - after).abs().max().item()
        found[settings.precision] = {"largest_error": off}
    return found | {"data": pairs.record}


@contextmanager
def _in_float32():
    """Products in full precision, whatever training was told."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def show(settings, reference, policy, found: dict, prompts, folder: Path) -> None:
    """Print the report, and a few samples to held-out prompts."""
    require_type(OwnSettings, settings=settings)
    require_type(TinyTransformer, reference=reference, policy=policy)
    require_type(dict, found=found)
    require(found.keys() >= {"reference", "learned"}, "found must be of ``measure``")
    require_list_of(str, prompts=prompts)
    require_type(Path, folder=folder)
    before, after = found["reference"], found["learned"]
    print(f"{'held out':<16}{'reference':>11}{'learned':>11}")
    for name in ("loss", "accuracy", "margin"):
        print(f"{name:<16}{before[name]:>11.4f}{after[name]:>11.4f}")
    if settings.precision in found:
        off = found[settings.precision]["largest_error"]
        print(
            f"in {settings.precision} a held-out log-probability is off by at most "
            f"{off:.2g} nats; the numbers above are float32's"
        )
    for prompt in [*dict.fromkeys(prompts)][:PROMPTS]:
        print(f"\nprompt    {prompt!r}")
        for name, model in (("reference", reference), ("learned", policy)):
            generator = torch.Generator().manual_seed(settings.seed)
            print(f"{name:<10}{complete(model, prompt, LONGEST, generator)!r}")
    print(f"\n{folder}: weights, logs (.jsonl), settings.json, report.json")


def held_out_record(logp, ref_logp, beta) -> dict[str, float]:
    """Loss, margin, accuracy of pairs: logp, ref_logp (2N,), the N chosen first."""
    require_floats(logp=logp, ref_logp=ref_logp)
    require_same_shape(logp=logp, ref_logp=ref_logp)
    four = (*logp.chunk(2), *ref_logp.chunk(2))  # (N,) each
    return log_record(dpo_loss(*four, beta), *four, beta)
