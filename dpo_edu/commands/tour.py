"""The whole story in under a minute: verify, fit real data, train, compare with truth.

What it makes goes to a new folder under runs/: a picture, the metrics, the weights.
"""

from dataclasses import asdict
from pathlib import Path

from ..validation import require


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto")
    parser.add_argument("--seed", type=int, default=0, help="another run of the chance")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where to write")


def run(args) -> int:
    """Tell the story, act by act."""
    require(args.seed >= 0, f"--seed must be 0 or more, got {args.seed}")
    import torch  # two seconds, so not before the arguments are read

    from .. import report
    from ..devices import choose_device
    from ..preference_world import build_world
    from ..price_of_data import RUNS, in_background
    from ..run_files import new_folder
    from ..worked_examples import verify
    from ..world_data import world_data
    from .verify import table

    device = choose_device(args.device)
    # One thread: fastest for matrices this small, and the same digits on any number.
    torch.set_num_threads(1)
    _act("1. Every worked example, computed twice")
    print(table(verify()))
    _act("2. Real data: the 1987 American League East, over Baltimore")
    print(report.baseball())
    world, settings = build_world(), _settings(args.seed)
    data = world_data(world, device, torch.float32)
    _act("3. SFT makes the reference; DPO starts from it")
    reference = _make_reference(data, settings)
    with in_background(reference, settings, device, data.dtype) as hard:
        policy, history = _train(data, reference, settings)
        prices = hard.result()
    _act("4. The world: three best and three worst responses to two prompts")
    print(report.world_table(world, reference.logp, settings.beta))
    _act(f"5. The verdict, exact over all {world.reward.shape[1]:,} responses a prompt")
    print(report.verdict_table(world, reference.logp, policy.logp, settings.beta))
    print("\n" + report.samples(world, reference.logp, policy.logp, args.seed))
    _act("6. The price of data: one verdict a pair instead of probabilities")
    for run_of, price in zip(RUNS, prices, strict=True):
        print(report.price_line(*run_of, price))
    _act("7. What you have now")
    folder = new_folder(args.out, "tour")
    _write(folder, world, (reference, policy), history, prices, settings)
    print(_next_steps(folder))
    return 0


def _settings(seed: int):
    from ..training import Settings

    return Settings(seed=seed)


def _act(title: str) -> None:
    print(f"\n\033[1m{title}\033[0m" if _colors() else f"\n{title}", flush=True)


def _colors() -> bool:
    import sys

    return sys.stdout.isatty()


def _make_reference(data, settings):
    from ..story import make_reference

    with _bar(settings.sft.steps, "SFT") as bar:
        return make_reference(data, settings, after_step=_watch(bar))


def _train(data, reference, settings):
    """DPO under a progress bar; returns the policy's stage and the log records."""
    from ..story import train_soft

    history = []
    with _bar(settings.dpo.steps, "DPO") as bar:
        policy = train_soft(data, reference, settings, _watch(bar, history))
    first, last = history[0], history[-1]
    print(f"first loss {first['loss']:.4f} (log 2 = 0.6931), last {last['loss']:.4f}")
    return policy, history


def _bar(total: int, title: str):
    from tqdm.auto import tqdm

    # disable=None: no bar where the output is a file or a pipe
    return tqdm(total=total, desc=f"{title:<13}", leave=False, disable=None)


def _watch(bar, history=None):
    """After every step: advance the bar, show the numbers, keep the record."""

    def after_step(step, record, optimizer):
        bar.update()
        if step % 20 == 0:
            bar.set_postfix({name: f"{value:.3f}" for name, value in record.items()})
        if history is not None:
            history.append({"step": step, **record})

    return after_step


def _write(folder, world, stages, history, prices, settings) -> None:
    """Picture, metrics, weights and settings, each file whole or not at all."""
    import io

    from ..boltzmann import optimal_logp
    from ..evaluation import evaluate, loss_floor
    from ..figures.tour import learned_and_exact
    from ..preference_world import PROMPTS
    from ..run_files import save_weights, write_atomically, write_json, write_json_lines

    reference, policy = stages
    optimal = optimal_logp(reference.logp, world.reward, settings.beta)
    row, floor = PROMPTS.index("very good"), loss_floor(reference.logp, world.reward)
    logps = [logp[row] for logp in (reference.logp, policy.logp, optimal)]
    fig = learned_and_exact(logps, PROMPTS[row], history, floor)
    picture = io.BytesIO()
    fig.savefig(picture, format="png")
    write_atomically(folder / "learned_and_exact.png", picture.getvalue())
    write_json_lines(folder / "metrics.jsonl", history)
    verdict = evaluate(policy.logp, reference.logp, world.reward, settings.beta)
    hard = [price._asdict() for price in prices]
    record = {"soft labels": verdict._asdict(), "hard labels": hard}
    write_json(folder / "verdict.json", record)
    write_json(folder / "settings.json", asdict(settings))
    save_weights(folder / "reference.safetensors", reference.model)
    save_weights(folder / "policy.safetensors", policy.model)


def _next_steps(folder) -> str:
    return f"""{folder}/learned_and_exact.png   the picture: open it
and beside it metrics.jsonl (every step), verdict.json, settings.json, the weights

Three things to do next{_where()}:
  jupyter lab notebooks/00_start_here.ipynb    read the course
  dpo-edu next                                 do the first exercise
  dpo-edu train --data pairs.jsonl             train on pairs of your own"""


def _where() -> str:
    """How to reach the commands, if the shell does not find them by itself."""
    import shutil

    return "" if shutil.which("dpo-edu") else " (after: source .venv/bin/activate)"
