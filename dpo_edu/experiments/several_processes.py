"""The same DPO run by one process or by several, which must not change its losses.

    torchrun --standalone --nproc-per-node 2 -m dpo_edu.experiments.several_processes
    python -m dpo_edu.experiments.several_processes          # the same, one process

Prints the losses as JSON. The reference is a hasty one (few steps of SFT): nothing here
depends on its quality.
"""

import argparse
import json
import os
import subprocess
import sys
from functools import partial

SFT_STEPS = 20
PAIRS = 128  # a step


def losses(steps: int, dtype: str) -> list[float]:
    """Train for ``steps`` steps with whoever else is there; the batch loss of each."""
    import torch

    from ..distributed import (
        average_gradients,
        mean_over_processes,
        process_group,
        share,
    )
    from ..preference_world import build_world
    from ..story import make_reference
    from ..training import Schedule, Settings, freeze, minimize, pair_loss
    from ..world_data import epoch_batch, world_data
    from .training_runs import verdicts

    torch.set_num_threads(1)
    seen = []
    with process_group() as (rank, count, device):
        data = world_data(build_world(), device, getattr(torch, dtype))
        reference = make_reference(data, Settings(sft=Schedule(SFT_STEPS, 3e-3)))
        pairs = verdicts(data, reference, PAIRS * 8, seed=0)
        batch_at = partial(epoch_batch, data, pairs, reference.logp, PAIRS, 0)
        policy = freeze(reference.model).requires_grad_(True)
        if count > 1:
            average_gradients(policy)

        def loss_at(step):
            return pair_loss(policy, share(batch_at(step), rank, count), beta=1.0)

        def after_step(step, record, optimizer):
            seen.append(mean_over_processes(record["loss"]))

        minimize(policy, loss_at, Schedule(steps, 5e-3), after_step=after_step)
    return seen if rank == 0 else []


def launch(count: int, steps: int, dtype: str = "float64") -> list[float]:
    """Start ``count`` processes with torchrun on this machine; the losses of rank 0."""
    words = ["--standalone", "--nproc-per-node", str(count), "-m", __name__]
    words += ["--steps", str(steps), "--dtype", dtype]
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"torchrun ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def main() -> None:
    """Read the two settings, train, print from rank 0."""
    from ..distributed import leave

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--dtype", default="float64", choices=("float32", "float64"))
    options = parser.parse_args()
    if seen := losses(options.steps, options.dtype):
        print(json.dumps(seen))
    leave()


if __name__ == "__main__":
    main()
