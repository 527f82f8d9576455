"""Train a language model with DPO on your own pairs, after a report on them.

JSON Lines, a JSON array, CSV or TSV, each also in gzip; Parquet and a folder that
datasets saved (pip install 'dpo-edu[real]'). A row is a prompt and two answers,
{"prompt": "...", "chosen": "...", "rejected": "..."}, or a conversation with two ends;
many other names of fields are known, and --fields says the rest. --report-only tells
what is in the file and what is wrong with it. A run that was stopped goes on with
--resume, and with --data too if the pairs have moved.

--model tiny, the default, is a small transformer that reads bytes and knows nothing.
Its reference is made first, by SFT on the chosen texts. --model smollm2 (dpo-edu model
smollm2 fetches it), a folder that transformers can load, or a hub's name is a
pretrained model. It is its own reference, an adapter learns (or with --full all
weights), and conversations are written by its chat template. Several processes train it
together: torchrun --nproc-per-node 2 -m dpo_edu train ..., or accelerate launch.
"""

from dataclasses import fields
from pathlib import Path

from ..own_data.intake import report
from ..own_data.memory import require_memory
from ..own_data.settings import (
    OwnSettings,
    new_settings,
    option,
    read_settings,
    stopped_settings,
)
from ..own_model import settings as of_model
from ..own_model.settings import ModelSettings
from ..validation import require

RUNS, TINY = Path("runs"), "tiny"
_HELP = {
    "fields": "which field is what: prompt=question,chosen=good,rejected=bad",
    "max_length": "longest prompt + response that is taken; 0: as the context, and "
    "what is longer is refused",
    "too_long": "what becomes of longer pairs: drop, or cut the beginning of their "
    "prompts (of a conversation for a pretrained model: the oldest turns); no response "
    "is ever cut",
    "beta": "strength of the tie to the reference",
    "epochs": "passes of DPO over the pairs",
    "batch_size": "pairs per step, of all processes together",
    "learning_rate": "the largest of DPO's schedule (default 2e-4; 5e-6 with --full)",
    "held_out": "share of the pairs kept for evaluation",
    "seed": "another run of the chance",
    "precision": "of products: float32, or bfloat16 or medium where that is faster",
}
_TINY_HELP = {
    "sft_epochs": "passes of SFT over the chosen texts; 0 skips it",
    "sft_learning_rate": "the largest of SFT's schedule",
    "context": "longest prompt + response, in bytes",
}
_MODEL_HELP = {
    "lora": "rank of the adapter that learns",
    "plain_prompts": "where a prompt goes that is no conversation: chat, what the user "
    "says in the chat template, or text, as it stands (default: chat where there is a "
    "template)",
    "at_once": "tokens in one forward pass: the pairs of a step go through the model "
    "in such parts, whose gradients add up",
    "warmup": "share of the steps in which the learning rate rises",
    "clip": "the largest norm of a gradient",
}


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("pairs", nargs="?", metavar="FILE", help="pairs, in one file")
    parser.add_argument("--data", metavar="FILE", help="the same, named")
    text = f"{TINY} (default), smollm2, a folder for transformers, or a hub's name"
    parser.add_argument("--model", help=text)
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
    _add(parser, _HELP)
    _add(parser.add_argument_group("with --model tiny"), _TINY_HELP)
    pretrained = parser.add_argument_group("with a pretrained model")
    _add(pretrained, _MODEL_HELP)
    text = "all weights learn, and no adapter"
    pretrained.add_argument("--full", action="store_true", help=text)


def _add(parser, texts: dict[str, str]) -> None:
    """An option per setting, whose default is told."""
    for name, text in texts.items():
        kinds = [kind for kind in (OwnSettings, ModelSettings) if hasattr(kind, name)]
        defaults = [*dict.fromkeys(getattr(kind, name) for kind in kinds)]
        if "default" not in text and defaults != [""]:
            later = "".join(
                f"; {each} with a pretrained model" for each in defaults[1:]
            )
            text += f" (default {defaults[0]}{later})"
        kind = type(defaults[0])
        parser.add_argument(option(name), type=kind, default=None, help=text)


def run(args) -> int:
    """Read what was asked for, then hand over to the kind of model."""
    both = args.data is not None and args.pairs is not None
    require(not both, "name the file of pairs once, with --data or without")
    args.data = args.data if args.pairs is None else args.pairs
    require(
        args.data is not None or args.resume is not None,
        "say which FILE holds the pairs (a new run), or --resume RUN (a stopped one)",
    )
    require(
        args.out is None or args.resume is None,
        "drop --out: --resume goes on in the folder of the run",
    )
    pretrained = args.model not in (None, TINY)
    if args.resume is not None:
        pretrained = of_model.is_of_a_model(read_settings(args.resume))
        require(args.model is None, "--resume keeps the run's settings: drop --model")
    return _pretrained(args) if pretrained else _tiny(args)


def _asked(args, kind, others: dict[str, str], model: str) -> dict:
    """The settings that were asked for; raise at those of the other kind of model."""
    strange = [option(name) for name in others if getattr(args, name) is not None]
    strange += ["--full"] * (kind is OwnSettings and args.full)
    require(not strange, f"{model} has no {', '.join(strange)}")
    options = {field.name: getattr(args, field.name, None) for field in fields(kind)}
    return {name: value for name, value in options.items() if value is not None}


def _tiny(args) -> int:
    """The small model that reads bytes."""
    args.model = None
    asked = _asked(args, OwnSettings, _MODEL_HELP, f"--model {TINY}")
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


def _pretrained(args) -> int:
    """A pretrained model, on one process or on several."""
    require(not (args.full and args.lora), "say --full or --lora RANK, not both")
    asked = _asked(args, ModelSettings, _TINY_HELP, "a pretrained model")
    asked |= {"lora": 0} if args.full else {}
    from ..own_model.launch import carry_out  # torch: two seconds

    return carry_out(args, asked, RUNS)
