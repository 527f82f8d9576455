"""Write a policy as a transformers checkpoint, with pairs for another trainer.

Without --run the world's reference and policy are trained first, in seconds. With it, a
folder of dpo-edu tour or dpo-edu train is read. The new folder is written whole
or not at all; README.md in it says how the model is loaded and what is scored.
"""

import json
from pathlib import Path

from ..validation import InputError, require

MODELS = ("policy", "reference")


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to write")
    parser.add_argument("--run", type=Path, help="a folder of tour or train, in runs/")
    parser.add_argument("--model", default="policy", help="policy or reference")
    parser.add_argument("--pairs", type=int, default=5_000, help="pairs of the world")
    parser.add_argument("--seed", type=int, default=0, help="another run of the chance")
    parser.add_argument(
        "--replace", action="store_true", help="write over an earlier export"
    )


def run(args) -> int:
    """Check, train or load, write."""
    require(args.model in MODELS, f"--model is policy or reference, not {args.model!r}")
    require(args.pairs > 0, f"--pairs must be above 0, got {args.pairs}")
    require(args.seed >= 0, f"--seed must be 0 or more, got {args.seed}")
    settings = _settings(args.run) if args.run else {}
    from ..export import checkpoint  # torch: two seconds
    from ..export_files import require_free, write_folder

    require_free(args.out, args.replace)  # before anything is trained
    own = "data" in settings
    parts = _own(args, settings) if own else _world(args)
    write_folder(args.out, checkpoint(*parts), args.replace)
    pairs = f"{len(parts[2]):,} pairs"
    print(f"{args.out}: the {args.model} and {pairs}; README.md there says more")
    return 0


def _settings(folder: Path) -> dict:
    """What a run was started with; refuses a folder that is no finished run."""
    try:
        settings = json.loads((folder / "settings.json").read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        raise InputError(f"{folder} is no run: it has no settings.json") from None
    missing = [n for n in MODELS if not (folder / f"{n}.safetensors").is_file()]
    require(not missing, f"{folder} is not finished: it has no {missing[:1]} weights")
    return settings


def _own(args, settings):
    """Model, tokenizer and pairs of a run on your own data."""
    from ..export import byte_tokenizer
    from ..export_files import load_weights
    from ..own_pairs import BYTES_EOS
    from ..pairs_file import read_pairs
    from ..tiny_transformer import ModelConfig, TinyTransformer

    sizes = {name: settings[name] for name in ("context", "width", "layers", "heads")}
    model = TinyTransformer(ModelConfig(vocabulary=BYTES_EOS + 1, **sizes))
    load_weights(args.run / f"{args.model}.safetensors", model)
    return model, byte_tokenizer(), read_pairs(Path(settings["data"]))


def _world(args):
    """Model, tokenizer and freshly sampled pairs of the world."""
    import numpy as np

    from ..export import word_tokenizer, world_text
    from ..preference_world import build_world, hard_labels, sample_pairs
    from ..story import policy_logp

    world = build_world()
    models = _loaded(args.run, world) if args.run else _trained(args, world)
    generator = np.random.default_rng([args.seed, 5])
    ref_logp = policy_logp(models["reference"], world)
    pairs = sample_pairs(world, ref_logp, args.pairs, generator)
    text = world_text(world, hard_labels(pairs, generator))
    different = [pair for pair in text if pair.chosen != pair.rejected]
    return models[args.model], word_tokenizer(), different


def _loaded(folder: Path, world) -> dict:
    """Both models of a tour."""
    import torch

    from ..export_files import load_weights
    from ..story import new_model
    from ..world_data import world_data

    data = world_data(world, dtype=torch.float32)
    models = {name: new_model(data, seed=0) for name in MODELS}
    for name, model in models.items():
        load_weights(folder / f"{name}.safetensors", model)
    return models


def _trained(args, world) -> dict:
    """SFT as in the tour and, if the policy is asked for, DPO; one progress bar."""
    import torch
    from tqdm.auto import tqdm

    from ..story import make_reference, train_soft
    from ..training import Settings
    from ..world_data import world_data

    torch.set_num_threads(1)  # fastest for matrices this small
    data, settings = world_data(world, dtype=torch.float32), Settings(seed=args.seed)
    dpo_steps = settings.dpo.steps if args.model == "policy" else 0
    steps = settings.sft.steps + dpo_steps
    with tqdm(total=steps, desc="training", leave=False, disable=None) as bar:

        def watch(*_):
            bar.update()

        reference = make_reference(data, settings, after_step=watch)
        models = {"reference": reference.model}
        if dpo_steps:
            policy = train_soft(data, reference, settings, after_step=watch)
            models["policy"] = policy.model
    return models
