"""What a DPO step on 135 million weights takes, measured beside the sums on paper.

    dpo-edu model smollm2                                         # fetches it, once
    python -m dpo_edu.experiments.scaling.measured_cost           # a minute; shows
    python -m dpo_edu.experiments.scaling.measured_cost --store   # and stores

A step is that of ``dpo-edu train --model smollm2``: eight pairs, their prompts read
once, logits in chunks, AdamW, float32, one thread. The pairs are random tokens of fixed
lengths, because the cost depends on lengths alone. Each way of learning has a process
of its own, so that its peak of memory is its own. Times hold for one machine.
"""

import json
import resource
import subprocess
import sys
from datetime import date
from time import process_time

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from ...dpo_loss import dpo_loss
from ...real_model.adapter import Lora, learning_weights, with_adapter
from ...real_model.pretrained import load
from ...real_model.scoring import Group, Scorer
from ...scaling import Decoder, training_flops, training_memory_bytes
from ..grid import store
from ..real_model.runs import circumstances

SMOLLM2 = Decoder(49_152, 576, 30, 1_536, kv_groups=3, embeddings=1)
RANK, PAIRS, PROMPT, ANSWER = 8, 8, 20, 60  # pairs per step; tokens
WAYS = ("adapter", "all weights")
KIBIBYTE, FLOAT = 1_024, 4  # ru_maxrss counts in KiB on Linux


def on_paper(way: str) -> dict[str, int]:
    """FLOPs and bytes of a step by the formulas of chapter 16.

    "flops" is (16.2), every weight on every token. "flops, head apart" knows that the
    head meets scored tokens alone, and computes their logits twice where it learns.
    "states" is (16.3); "activations" is what backward keeps of all tokens at once.
    """
    adapter = SMOLLM2.lora_parameters(RANK) if way == "adapter" else 0
    tokens = PAIRS * (PROMPT + 2 * (ANSWER - 1))  # an answer's last token is not read
    scored, head = 2 * PAIRS * ANSWER, SMOLLM2.vocabulary * SMOLLM2.width
    weights, learning = SMOLLM2.parameters + adapter, adapter or SMOLLM2.parameters
    old, forwards = (0, 1) if adapter else (None, 2)  # of the base: who learns
    layers = training_flops(SMOLLM2.parameters - head, tokens, old)
    return {
        "tokens": tokens,
        "learn": learning,
        "flops": training_flops(weights, tokens, learning),
        "flops, head apart": layers
        + training_flops(adapter, tokens)
        + training_flops(head, scored, old, forwards),
        "states": training_memory_bytes(weights, learning, FLOAT),
        "activations": FLOAT * SMOLLM2.kept_values() * tokens,
    }


def peak() -> int:
    """Bytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE


def _groups() -> list[Group]:
    torch.manual_seed(0)
    drawn = torch.randint(100, 40_000, (PAIRS, PROMPT + 2 * ANSWER)).tolist()
    cut = PROMPT + ANSWER
    return [Group(row[:PROMPT], [row[PROMPT:cut], row[cut:]]) for row in drawn]


def _model(way: str):
    model = load("smollm2").model
    if way == "adapter":
        return with_adapter(model, Lora(RANK, 2 * RANK, "all-linear"), seed=0)
    return model.requires_grad_(True)


class Counted(TorchDispatchMode):
    """Inside, the FLOPs of every product of matrices are added up.

    torch's own counter hooks into modules and refuses a gradient inside a forward pass,
    which the scorer computes for each chunk of logits.
    """

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        count = flop_registry.get(func._overloadpacket)
        self.total += count(*args, **(kwargs or {}), out_val=out) if count else 0
        return out


def measured(way: str) -> dict[str, float]:
    """Peak bytes, CPU seconds and counted FLOPs of a step, in this process."""
    torch.set_num_threads(1)
    libraries = peak()
    model, groups = _model(way), _groups()
    scorer, weights = Scorer(model), [*learning_weights(model).values()]
    optimizer = torch.optim.AdamW(weights, lr=1e-6, fused=True)
    with torch.no_grad():
        ref_logp = scorer.logp(groups).view(-1, 2)

    def step():
        optimizer.zero_grad()
        logp = scorer.logp(groups).view(-1, 2)
        dpo_loss(*logp.unbind(-1), *ref_logp.unbind(-1), 0.1).backward()
        optimizer.step()

    with Counted() as counted:  # the first step, which makes Adam's moments
        step()
    start = process_time()
    step()
    return {
        "seconds": process_time() - start,
        "libraries": libraries,
        "peak": peak(),
        "counted flops": counted.total,
        "learn": sum(weight.numel() for weight in weights),
    }


def everything() -> dict:
    """Both ways, each in a process of its own, with what the numbers hold for."""
    words = [sys.executable, "-m", f"{__package__}.measured_cost", "--one"]
    found = {way: json.loads(subprocess.check_output([*words, way])) for way in WAYS}
    where = circumstances() | {"day": date.today().isoformat(), "threads": "1"}
    return {"where": where, "measured": found}


def main() -> None:
    """Measure one way in this process, or both in others."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2])))
        return
    results = everything()
    print(json.dumps(results, indent=1))
    if "--store" in sys.argv:
        store("scaling", results, "measured_cost")


if __name__ == "__main__":
    main()
