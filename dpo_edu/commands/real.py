"""DPO on a pretrained chat model, with its answers before and after.

Samples answers to everyday questions, judges them by a rule that a computer can apply,
trains with LoRA on the pairs, and compares on questions that were held out. Fetch the
model first: dpo-edu model smollm2.
"""

from pathlib import Path

RUNS = Path("runs")


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--rule", default="short_words", help="what is better")
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
    from ..real_model.learning import Plan
    from ..real_model.pretrained import load
    from ..real_model.report import report
    from ..real_model.whole_run import Settings
    from ..real_model.whole_run import run as whole_run
    from ..scaling.devices import use_threads

    settings = Settings(args.rule, args.seed, plan=Plan(epochs=args.epochs))
    use_threads(args.threads)
    pretrained = load(args.model)
    folder = new_folder(args.out, "real")
    print(f"threads: {args.threads}; the record and the adapter go to {folder}")

    def keep(model):
        model.save_pretrained(folder / "adapter")

    record = whole_run(settings, pretrained, after_dpo=keep)
    write_json(folder / "record.json", record | {"model": args.model})
    print(report(record))
    return 0
