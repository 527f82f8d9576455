"""The price of data: DPO on verdicts instead of probabilities, judged exactly.

Soft labels say how likely each response is to win; a data set has one verdict per pair.
Fewer pairs, more epochs: the policy learns the annotators' dice, not their reward.
"""

import signal
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np
import torch

from ..preference_world import build_world, hard_labels, sample_pairs
from ..training import Settings
from ..training.evaluation import Verdict, evaluate
from ..training.world_batches import world_data
from ..training.world_run import Stage, new_model, stage, train_hard

RUNS = ((500, 60), (5_000, 20), (50_000, 4))  # pairs, epochs


def hard_verdict(data, reference: Stage, count, epochs, settings) -> Verdict:
    """Train on ``count`` hard-labeled reference pairs; how good is the result?"""
    generator = np.random.default_rng([settings.seed, count])
    pairs = sample_pairs(data.world, reference.logp, count, generator)
    pairs = hard_labels(pairs, generator)
    policy = train_hard(data, reference, pairs, epochs, settings)
    return evaluate(policy.logp, reference.logp, data.world.reward, settings.beta)


@contextmanager
def in_background(reference: Stage, settings: Settings, device, dtype):
    """All runs in a second process: a future of their verdicts.

    They share nothing with the run in the foreground but the reference, and a machine
    has two cores. Leaving early abandons them.
    """
    state = {key: value.cpu() for key, value in reference.model.state_dict().items()}
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_quietly)
    try:
        verdicts: Future[list[Verdict]] = pool.submit(
            _all_verdicts, state, settings, str(device), dtype, RUNS
        )
        yield verdicts
    except BaseException:
        for process in (pool._processes or {}).values():
            process.kill()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _quietly():
    """Ctrl-C belongs to the foreground; one thread keeps the digits the same."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def _all_verdicts(state, settings, device, dtype, runs) -> list[Verdict]:
    data = world_data(build_world(), device, dtype)
    model = new_model(data, settings.seed)
    model.load_state_dict(state)
    reference = stage(model, data.world)
    return [hard_verdict(data, reference, *run, settings) for run in runs]
