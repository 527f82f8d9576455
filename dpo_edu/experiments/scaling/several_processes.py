"""The same DPO run by one process or by several, which must not change its losses.

    torchrun --standalone --nproc-per-node 2 \\
        -m dpo_edu.experiments.scaling.several_processes
    python -m dpo_edu.experiments.scaling.several_processes    # the same, one process

Prints the losses as JSON. The reference is a hasty one (few steps of SFT): nothing here
depends on its quality.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from functools import partial

SFT_STEPS = 20
PAIRS = 128  # per step


def losses(steps: int, dtype: str) -> list[float]:
    """Train for ``steps`` steps with whoever else is there; the batch loss of each."""
    import torch

    from ...scaling.distributed import mean_over_processes, process_group, share
    from ...training import Schedule, minimize, pair_loss

    torch.set_num_threads(1)
    seen = []
    with process_group() as (rank, count, device):
        policy, batch_at = _beginning(count, device, getattr(torch, dtype))

        def loss_at(step):
            return pair_loss(policy, share(batch_at(step), rank, count), beta=1.0)

        def after_step(report):
            seen.append(mean_over_processes(report.record["loss"]))

        minimize(policy, loss_at, Schedule(steps, 5e-3), after_step)
    return seen if rank == 0 else []


def _beginning(count: int, device, dtype):
    """The policy, joined with the other processes', and step -> whole batch."""
    from ...preference_world import build_world
    from ...scaling.distributed import average_gradients, begin_alike
    from ...training import Schedule, Settings, learner
    from ...training.world_batches import epoch_batch, world_data
    from ...training.world_run import make_reference, stage
    from ..shared_start import verdicts

    data = world_data(build_world(), device, dtype)
    model = make_reference(data, Settings(sft=Schedule(SFT_STEPS, 3e-3))).model
    if count > 1:
        begin_alike(model)
    reference = stage(model, data.world)
    policy = learner(model)
    if count > 1:
        average_gradients(policy)
    pairs = verdicts(data, reference, PAIRS * 8, seed=0)
    return policy, partial(epoch_batch, data, pairs, reference.logp, PAIRS, 0)


def launch(count: int, steps: int, dtype="float64", seconds=120.0) -> list[float]:
    """Start ``count`` processes with torchrun on this machine; the losses of rank 0.

    Raises RuntimeError, one line, if they fail or take more than ``seconds``;
    none of them is left running.
    """
    words = ["--standalone", "--nproc-per-node", str(count), "-m", __name__]
    words += ["--steps", str(steps), "--dtype", dtype]
    torchrun = subprocess.Popen(
        [sys.executable, "-m", "torch.distributed.run", *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        printed, errors = torchrun.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{count} processes, not done in {seconds:g} s") from None
    finally:
        torchrun.terminate()  # and torchrun ends those it started
        torchrun.communicate()
    if torchrun.returncode:
        raise RuntimeError(f"{count} processes, no result: {_reason(errors)}")
    return json.loads(printed)


def _reason(errors: str) -> str:
    """The first error that a process names, out of torchrun's many lines."""
    found = re.search(r"^(?:\[rank\d+\]: )?([\w.: ]*[Ee]rror: .+)$", errors, re.M)
    lines = errors.strip().splitlines() or ["it said nothing"]
    return found[1] if found else lines[-1]


def main() -> None:
    """Read the two settings, train, print from rank 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--dtype", default="float64", choices=("float32", "float64"))
    options = parser.parse_args()  # a mistake is heard before torch is imported
    from ...scaling.distributed import leave

    if seen := losses(options.steps, options.dtype):
        print(json.dumps(seen))
    leave()


if __name__ == "__main__":
    main()
