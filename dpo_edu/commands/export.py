"""Write a policy as a transformers checkpoint, with pairs for another trainer.

Without --run the world's reference and policy are trained first, in seconds. With it, a
folder of dpo-edu tour or dpo-edu train is read. The new folder is written whole
or not at all; README.md in it says how the model is loaded and what is scored. Of a run
on a pretrained model it holds the adapter, or with --merged the whole weights.
"""

from pathlib import Path

from ..own_data.settings import MODELS, read_settings
from ..own_model.settings import is_of_a_model
from ..validation import counted, require

PAIRS, SEED = 5_000, 0  # of the world, if nothing else is asked for
RANGES = {"pairs": (1, 1_000_000), "seed": (0, 2**63 - 1)}


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to write")
    parser.add_argument("--run", type=Path, help="a folder of tour or train, in runs/")
    text = "where the pairs of a run of train are now"
    parser.add_argument("--data", metavar="FILE", help=text)
    parser.add_argument("--model", default="policy", help="policy or reference")
    text = "of a run with an adapter: whole weights, the adapter added to them"
    parser.add_argument("--merged", action="store_true", help=text)
    text = f"pairs of the world (default {PAIRS})"
    parser.add_argument("--pairs", type=int, help=text)
    text = f"another run of the world's chance (default {SEED})"
    parser.add_argument("--seed", type=int, help=text)


def run(args) -> int:
    """Check, hand over, say what was written."""
    require(args.model in MODELS, f"--model is policy or reference, not {args.model!r}")
    for name, (least, most) in RANGES.items():
        value = getattr(args, name)
        fits = value is None or least <= value <= most
        require(fits, f"--{name} must be {least} or more, and {most:,} or less")
    if args.run is not None and is_of_a_model(read_settings(args.run)):
        return _pretrained(args)
    words = "--merged goes with the --run of a train on a pretrained model"
    require(not args.merged, words)
    return _small(args)


def _small(args) -> int:
    """The world's models, or a run of the small model that reads bytes."""
    from ..scaling.export.finished_run import finished_settings, from_own_run, from_tour
    from ..scaling.export.folder import require_free, write_folder
    from ..scaling.export.transformers_files import checkpoint  # torch: two seconds

    settings = finished_settings(args.run) if args.run is not None else {}
    require_free(args.out)  # before anything is trained
    if "data" in settings:
        unasked = args.pairs is None and args.seed is None
        require(unasked, f"drop --pairs and --seed: {args.run} has pairs of its own")
        taken = from_own_run(args.run, settings, args.model, args.data)
    else:
        require(args.data is None, "--data goes with the --run of a train")
        count, seed = args.pairs or PAIRS, args.seed or SEED
        taken = from_tour(args.run, args.model, count, seed)
    write_folder(args.out, checkpoint(*taken))
    pairs = counted(len(taken.pairs), "pair")
    print(f"{args.out}: the {args.model} and {pairs}; README.md there says more")
    return 0


def _pretrained(args) -> int:
    """A run on a pretrained model: its adapter, or whole weights."""
    words = "the reference of such a run is the model that it began with"
    require(args.model == "policy", words)
    unasked = args.pairs is None and args.seed is None
    require(unasked, f"drop --pairs and --seed: {args.run} has pairs of its own")
    there = (args.run / "report.json").is_file()
    require(there, f"{args.run} is not finished: it has no report.json")
    from ..own_model.export import finished, write  # torch: two seconds
    from ..scaling.export.folder import require_free

    require_free(args.out)
    run = finished(args.run, read_settings(args.run), args.data)
    print(write(run, args.out, args.merged))
    return 0
