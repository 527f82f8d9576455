"""Several processes, one policy: each scores its share of a batch's pairs.

    gradient of the batch = mean over processes of the gradient on their shares   (16.1)

True for equal shares, because the loss is a mean over pairs. All begin with the weights
of the first and build the same batch (it depends on seed and step alone), of which each
keeps its part: no data has to be sent, only gradients travel. ``torchrun`` starts the
processes. This module does not know what they train.
"""

import os
import sys
from contextlib import contextmanager

import torch
import torch.distributed as dist

from ..training import PairBatch
from ..validation import counted, require, require_finite, require_type, require_whole


@contextmanager
def process_group():
    """Join the processes that torchrun started: yields (rank, count, device).

    Without torchrun it is one process, (0, 1, cpu). All leave together: a process that
    goes while another still talks to it makes that one abort, after its work is done.
    """
    if "RANK" not in os.environ:
        yield 0, 1, torch.device("cpu")
        return
    device = _own_device()
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield dist.get_rank(), dist.get_world_size(), device
        dist.barrier()  # wait until nobody needs me any more
    finally:
        dist.destroy_process_group()


def _own_device() -> torch.device:
    """A GPU for each process of this machine, or the CPU for all of them."""
    processes = int(os.environ["LOCAL_WORLD_SIZE"])
    if torch.cuda.device_count() < processes:  # two on one GPU is an error of NCCL
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ["LOCAL_RANK"]))


def leave() -> None:
    """End a process that torchrun started, at once and with exit code 0.

    The last line of a script. Now and then gloo's threads abort a process that tears
    its interpreter down after all work is done; this way there is no tearing down.
    """
    if "RANK" in os.environ:
        sys.stdout.flush()
        os._exit(0)


def share(batch: PairBatch, rank: int, count: int) -> PairBatch:
    """Every ``count``-th pair, from ``rank`` on, with the sequences that it needs.

    Raises InputError where the shares would be unequal: then (16.1) is wrong.
    """
    require_type(PairBatch, batch=batch)
    require_whole(1, count=count)
    require_whole(0, count - 1, rank=rank)
    pairs = len(batch.chosen)
    require(
        pairs % count == 0,
        f"a batch of {counted(pairs, 'pair')} cannot be shared evenly by {count}",
    )
    mine = [batch.chosen[rank::count], batch.rejected[rank::count]]
    rows, place = torch.unique(torch.cat(mine), return_inverse=True)
    chosen, rejected = place.chunk(2)
    return PairBatch(
        batch.tokens[rows],
        batch.mask[rows],
        batch.ref_logp[rows],
        chosen,
        rejected,
        batch.label[rank::count],
    )


def begin_alike(model) -> None:
    """Give the model of every process the weights of the first process's, once.

    Equal seeds do not make equal weights on unlike machines, and nothing later would:
    what is averaged are gradients.
    """
    for weight in model.state_dict().values():
        dist.broadcast(weight, src=0)


def average_gradients(model) -> None:
    """From now on backward leaves the mean over all processes in every gradient.

    As each weight's gradient is complete, the processes add theirs up. They do so in
    the same order, because all run the same graph.
    """

    def mean(weight):
        dist.all_reduce(weight.grad)
        weight.grad /= dist.get_world_size()  # (16.1)

    for weight in model.parameters():
        weight.register_post_accumulate_grad_hook(mean)


def mean_over_processes(value: float) -> float:
    """The mean of a number that each process has its own of, such as a loss."""
    require_finite(value=value)
    if not dist.is_initialized():
        return value
    place = "cuda" if dist.get_backend() == "nccl" else "cpu"
    total = torch.tensor(value, dtype=torch.float64, device=place)
    dist.all_reduce(total)
    return total.item() / dist.get_world_size()
