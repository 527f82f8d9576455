"""The whole story, act by act: verify, fit real data, train, compare with the truth.

Each act prints what it finds. What is computed comes from the chapters and from the
other rooms of the tour; this module only tells it in order.
"""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import torch

from ..files import new_folder
from ..preference_world import build_world
from ..progress import progress_bar
from ..training import Settings
from ..training.world_batches import WorldData, world_data
from ..training.world_run import Stage, make_reference, train_soft
from ..verify.table import table
from ..verify.worked_examples import verify
from . import price_of_data, report
from .files import write_tour

START = Path("notebooks/00_start_here.ipynb")


def tell(device, seed: int, out: Path) -> None:
    """All acts; what they make goes to a new folder in ``out``."""
    settings = Settings(seed=seed)
    # One thread: fastest for matrices this small, and the same digits on any number.
    torch.set_num_threads(1)
    numbers()
    data = world_data(build_world(), device, torch.float32)
    reference, policy, history, prices = learning(data, settings)
    judgment(data, reference, policy, prices, settings)
    folder = new_folder(out, "tour")
    write_tour(folder, data.world, reference, policy, history, prices, settings)
    act("7. What you have now")
    print(next_steps(folder))


def act(title: str) -> None:
    """Print a heading, bold where the output is a terminal."""
    bold = f"\033[1m{title}\033[0m"
    print(f"\n{bold if sys.stdout.isatty() else title}", flush=True)


def numbers() -> None:
    """Acts 1 and 2: worked examples and real data."""
    act("1. Every worked example, computed twice")
    print(table(verify()))
    act("2. Real data: the 1987 American League East, over Baltimore")
    print(report.baseball())


def learning(data: WorldData, settings: Settings):
    """Act 3: reference, policy, the log, and the verdicts on hard labels."""
    act("3. SFT makes the reference; DPO starts from it")
    with progress_bar("SFT", settings.sft.steps) as advance:
        reference = make_reference(data, settings, after_step=advance)
    device = data.tokens.device
    background = price_of_data.in_background
    with background(reference, settings, device, data.dtype) as hard:
        policy, history = train(data, reference, settings)
        return reference, policy, history, hard.result()


def train(data: WorldData, reference: Stage, settings: Settings):
    """DPO under a progress bar; returns the policy's stage and the log's records."""
    history: list[dict] = []
    with progress_bar("DPO", settings.dpo.steps) as advance:

        def after_step(report):
            advance(report)
            history.append({"step": report.step, **report.record})

        policy = train_soft(data, reference, settings, after_step)
    first, last = history[0], history[-1]
    print(f"first loss {first['loss']:.4f} (log 2 = 0.6931), last {last['loss']:.2f}")
    return policy, history


def judgment(data: WorldData, reference, policy, prices, settings: Settings) -> None:
    """Acts 4 to 6: the world, and how good the policies are in it."""
    world, beta = data.world, settings.beta
    act("4. The world: answers should mean what the prompt says (3 best, 3 worst)")
    print(report.world_table(world, reference.logp, beta))
    act(f"5. The verdict, exact over all {world.reward.shape[1]:,} responses")
    print(report.verdict_table(world, reference.logp, policy.logp, beta))
    print("\n" + report.samples(world, reference.logp, policy.logp, settings.seed))
    act("6. The price of data: one verdict per pair instead of probabilities")
    for run_of, price in zip(price_of_data.RUNS, prices, strict=True):
        print(report.price_line(*run_of, price))


def next_steps(folder: Path) -> str:
    """What was written, and commands to go on with: those that work here."""
    found = shutil.which("dpo-edu")
    where = "" if found else " (after: source .venv/bin/activate)"
    here = START.exists()
    steps = [
        ("pip install -e '.[lab]'", "get what notebooks run in"),
        (f"jupyter lab {START}", "read the course"),
    ]
    steps = steps[find_spec("jupyterlab") is not None :] if here else []
    steps += [
        ("dpo-edu next" if here else "dpo-edu next --here", "do the first exercise"),
        ("dpo-edu train --data pairs.jsonl", "train on pairs of your own"),
    ]
    listed = "\n".join(f"  {command:<43}  {what}" for command, what in steps)
    return f"""{folder}/learned_and_exact.png   the picture: open it
and beside it metrics.jsonl (every step), verdict.json, settings.json, the weights

What you can do next{where}:
{listed}"""
