"""The whole story in under a minute: verify, fit real data, train, compare with truth.

What it makes goes to a new folder under runs/: a picture, the metrics, the weights.
"""

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

    from ..files import new_folder
    from ..preference_world import build_world
    from ..scaling.devices import choose_device
    from ..tour.files import write_tour
    from ..training.world_batches import world_data

    device, settings = choose_device(args.device), _settings(args.seed)
    # One thread: fastest for matrices this small, and the same digits on any number.
    torch.set_num_threads(1)
    _numbers()
    data = world_data(build_world(), device, torch.float32)
    stages, history, prices = _learning(data, settings)
    _judgment(data.world, stages, prices, settings)
    folder = new_folder(args.out, "tour")
    write_tour(folder, data.world, stages, history, prices, settings)
    _act("7. What you have now")
    print(_next_steps(folder))
    return 0


def _settings(seed: int):
    """The course's settings with another seed."""
    from ..training import Settings

    return Settings(seed=seed)


def _numbers() -> None:
    """Acts 1 and 2: worked examples and real data."""
    from ..tour import report
    from ..verify.table import table
    from ..verify.worked_examples import verify

    _act("1. Every worked example, computed twice")
    print(table(verify()))
    _act("2. Real data: the 1987 American League East, over Baltimore")
    print(report.baseball())


def _learning(data, settings):
    """Act 3: (reference, policy), the log, and the verdicts on hard labels."""
    from ..tour.price_of_data import in_background

    _act("3. SFT makes the reference; DPO starts from it")
    reference = _make_reference(data, settings)
    device = data.tokens.device
    with in_background(reference, settings, device, data.dtype) as hard:
        policy, history = _train(data, reference, settings)
        return (reference, policy), history, hard.result()


def _judgment(world, stages, prices, settings) -> None:
    """Acts 4 to 6: the world, and how good the policies are in it."""
    from ..tour import report
    from ..tour.price_of_data import RUNS

    reference, policy = (stage.logp for stage in stages)
    _act("4. The world: answers should mean what the prompt says (3 best, 3 worst)")
    print(report.world_table(world, reference, settings.beta))
    _act(f"5. The verdict, exact over all {world.reward.shape[1]:,} responses a prompt")
    print(report.verdict_table(world, reference, policy, settings.beta))
    print("\n" + report.samples(world, reference, policy, settings.seed))
    _act("6. The price of data: one verdict a pair instead of probabilities")
    for run_of, price in zip(RUNS, prices, strict=True):
        print(report.price_line(*run_of, price))


def _act(title: str) -> None:
    print(f"\n\033[1m{title}\033[0m" if _colors() else f"\n{title}", flush=True)


def _colors() -> bool:
    import sys

    return sys.stdout.isatty()


def _make_reference(data, settings):
    from ..training.world_run import make_reference

    with _bar(settings.sft.steps, "SFT") as bar:
        return make_reference(data, settings, after_step=_watch(bar))


def _train(data, reference, settings):
    """DPO under a progress bar; returns the policy's stage and the log records."""
    from ..training.world_run import train_soft

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
