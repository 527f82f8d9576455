"""Train a small transformer with DPO on your own pairs, after a report on them.

JSON Lines, a JSON array, CSV or TSV, each also in gzip; Parquet and a folder that
datasets saved (pip install 'dpo-edu[real]'). A row is a prompt and two answers,
{"prompt": "...", "chosen": "...", "rejected": "..."}, or a conversation with two ends;
many other names of fields are known, and --fields says the rest. --report-only tells
what is in the file and what is wrong with it. The reference is made first, by SFT on
the chosen texts. A run that was stopped goes on with --resume, and with --data too if
the pairs have moved.
"""

from dataclasses import fields
from pathlib import Path

from ..own_data.intake import report
from ..own_data.memory import require_memory
from ..own_data.settings import OwnSettings, new_settings, option, stopped_settings
from ..validation import require

RUNS = Path("runs")
_HELP = {
    "fields": "which field is what: prompt=question,chosen=good,rejected=bad",
    "max_length": "longest prompt + response that is taken; 0: as the context, and "
    "what is longer is refused",
    "too_long": "what becomes of longer pairs: drop, or cut the beginning of their "
    "prompts; no response is ever cut",
    "beta": "strength of the tie to the reference",
    "epochs": "passes of DPO over the pairs",
    "sft_epochs": "passes of SFT over the chosen texts; 0 skips it",
    "sft_learning_rate": "the largest of SFT's schedule",
    "batch_size": "pairs per step",
    "learning_rate": "the largest of DPO's schedule",
    "context": "longest prompt + response, in bytes",
    "held_out": "share of the pairs kept for evaluation",
    "seed": "another run of the chance",
    "precision": "of products: float32, or bfloat16 or medium where that is faster",
}


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--data", metavar="FILE", help="pairs, in one file")
    text = "tell what is in the file, and train nothing"
    parser.add_argument("--report-only", action="store_true", help=text)
    text = "go on without rows that hold no pair"
    parser.add_argument("--skip-bad", action="store_true", default=None, help=text)
    parser.add_argument(
        "--resume", type=Path, metavar="RUN", help="a stopped run's folder"
    )
    text = f"where to make the folder of a new run (default {RUNS})"
    parser.add_argument("--out", type=Path, help=text)
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto")
    parser.add_argument(
        "--threads", type=int, default=1, help="of the processor (default 1)"
    )
    for name, text in _HELP.items():
        default = getattr(OwnSettings, name)
        text += f" (default {default})" * (default != "")
        parser.add_argument(option(name), type=type(default), default=None, help=text)


def run(args) -> int:
    """Read the settings, then hand over."""
    require(
        args.data is not None or args.resume is not None,
        "say either --data FILE (a new run) or --resume RUN (a stopped one)",
    )
    require(
        args.out is None or args.resume is None,
        "drop --out: --resume goes on in the folder of the run",
    )
    options = {
        field.name: getattr(args, field.name, None) for field in fields(OwnSettings)
    }
    asked = {name: value for name, value in options.items() if value is not None}
    settings = (
        stopped_settings(args.resume, asked)
        if args.resume is not None
        else new_settings(asked)
    )
    if args.report_only:
        require_memory(report(settings).pairs, settings)
        return 0
    from ..own_data.run import run  # torch: two seconds, which --help does without
    from ..scaling.devices import choose_device, use_threads
    from ..scaling.mixed_precision import called_in, slow_advice

    use_threads(args.threads)
    device, called_as = choose_device(args.device), called_in(settings.precision)
    print(slow_advice(settings.precision, device), end="")
    run(settings, device, args.out or RUNS, args.resume, called_as)
    return 0
