"""DPO on a pretrained chat model, with its answers before and after.

Samples answers to everyday questions, judges them by a rule that a computer can apply,
trains with LoRA on the pairs, and compares on questions that were held out. Fetch the
model first: dpo-edu model smollm2.
"""

from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

RUNS = Path("runs")
RECORD, ADAPTER, SETTINGS = "record.json", "adapter", "settings.json"


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--rule", default="speaks_to_you", help="what is better")
    text = "smollm2, a folder that transformers can load, or a hub's name"
    parser.add_argument("--model", default="smollm2", help=text)
    parser.add_argument("--seed", type=int, default=0, help="another run of the chance")
    parser.add_argument("--epochs", type=int, default=1, help="passes over the pairs")
    parser.add_argument(
        "--threads", type=int, default=1, help="of the processor (default 1)"
    )
    text = f"where to make the folder of the run (default {RUNS})"
    parser.add_argument("--out", type=Path, default=RUNS, help=text)


def run(args) -> int:
    """Hand over, print the report, keep record and adapter."""
    from ..files import new_folder, write_json
    from ..own_data.alone import alone
    from ..real_model.learning import Plan
    from ..real_model.pretrained import load
    from ..real_model.report import report
    from ..real_model.whole_run import Settings
    from ..scaling.devices import use_threads

    settings = Settings(args.rule, args.seed, plan=Plan(epochs=args.epochs))
    use_threads(args.threads)
    pretrained = load(args.model)
    for left in stopped(args.out):
        print(what_was_stopped(left))
    folder = new_folder(args.out, "real")
    print(f"threads: {args.threads}; the record and the adapter go to {folder}")
    with whole_or_told(folder), alone(folder):
        write_json(folder / SETTINGS, asdict(settings) | {"model": args.model})
        record = carry_out(settings, pretrained, folder)
        write_json(folder / RECORD, record | {"model": args.model})
    print(report(record))
    return 0


def carry_out(settings, pretrained, folder: Path) -> dict:
    """The run's record; the adapter is in ``folder`` as soon as it is trained."""
    from ..real_model.whole_run import run as whole_run
    from ..scaling.export.folder import whole_folder

    def keep(model):
        with whole_folder(folder / ADAPTER) as new:
            model.save_pretrained(new)

    return whole_run(settings, pretrained, after_dpo=keep)


@contextmanager
def whole_or_told(folder: Path):
    """A stop says what is there; a folder without anything trained does not stay."""
    try:
        yield
    except BaseException as stop:
        words = "Nothing was trained yet, and nothing is kept."
        if (folder / ADAPTER).exists():
            words = what_was_stopped(folder)
        else:
            (folder / SETTINGS).unlink(missing_ok=True)
            with suppress(OSError):  # somebody else has put something there
                folder.rmdir()
        if isinstance(stop, KeyboardInterrupt):
            raise KeyboardInterrupt(words) from None
        raise


def stopped(out: Path) -> list[Path]:
    """The folders of runs that have ended without a record, and are not running."""
    from ..own_data.alone import is_at_work

    runs = [path for path in sorted(out.glob("real-*")) if path.is_dir()]
    ended = [path for path in runs if not (path / RECORD).exists()]
    return [path for path in ended if not is_at_work(path)]


def what_was_stopped(folder: Path) -> str:
    """A line on a run without a record: what it holds, and what to do with it."""
    trained = (folder / ADAPTER).exists()
    holds = "the adapter that DPO trained, but no record" if trained else "no record"
    known = (folder / SETTINGS).exists()
    again = f"Run dpo-edu real anew with the options in its {SETTINGS}, or delete it."
    return f"{folder} was stopped: it holds {holds}. {again if known else 'Delete it.'}"
