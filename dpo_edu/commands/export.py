"""Write a policy as a transformers checkpoint, with pairs for another trainer.

Without --run the world's reference and policy are trained first, in seconds. With it, a
folder of dpo-edu tour or dpo-edu train is read. The new folder is written whole
or not at all; README.md in it says how the model is loaded and what is scored.
"""

from pathlib import Path

from ..validation import require

MODELS = ("policy", "reference")
PAIRS, SEED = 5_000, 0  # of the world, if nothing else is asked for


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to write")
    parser.add_argument("--run", type=Path, help="a folder of tour or train, in runs/")
    parser.add_argument("--model", default="policy", help="policy or reference")
    text = f"pairs of the world (default {PAIRS})"
    parser.add_argument("--pairs", type=int, help=text)
    text = f"another run of the world's chance (default {SEED})"
    parser.add_argument("--seed", type=int, help=text)
    parser.add_argument(
        "--replace", action="store_true", help="write over an earlier export"
    )


def run(args) -> int:
    """Check, train or load, write."""
    require(args.model in MODELS, f"--model is policy or reference, not {args.model!r}")
    for name, value, least in (("pairs", args.pairs, 1), ("seed", args.seed, 0)):
        fits = value is None or value >= least
        require(fits, f"--{name} must be {least} or more, got {value}")
    from ..scaling.export.checkpoint import checkpoint  # torch: two seconds
    from ..scaling.export.finished_run import finished_settings, own_run
    from ..scaling.export.folder import require_free, write_folder

    settings = finished_settings(args.run) if args.run else {}
    require_free(args.out, args.replace)  # before anything is trained
    if "data" in settings:
        unasked = args.pairs is None and args.seed is None
        require(unasked, f"drop --pairs and --seed: {args.run} has pairs of its own")
        parts = own_run(args.run, settings, args.model)
    else:
        parts = _world(args.run, args.model, args.pairs or PAIRS, args.seed or SEED)
    write_folder(args.out, checkpoint(*parts), args.replace)
    pairs = f"{len(parts[2]):,} pairs"
    print(f"{args.out}: the {args.model} and {pairs}; README.md there says more")
    return 0


def _world(folder: Path | None, name: str, count: int, seed: int):
    """Model, tokenizer and ``count`` freshly sampled pairs of the world."""
    import numpy as np

    from ..preference_world import build_world, hard_labels, sample_pairs
    from ..scaling.export.checkpoint import word_tokenizer, world_text
    from ..scaling.export.finished_run import tour_models
    from ..training.world_run import policy_logp

    world = build_world()
    models = tour_models(folder, world) if folder else _trained(name, seed, world)
    generator = np.random.default_rng([seed, 5])
    ref_logp = policy_logp(models["reference"], world)
    pairs = sample_pairs(world, ref_logp, count, generator)
    text = world_text(world, hard_labels(pairs, generator))
    different = [pair for pair in text if pair.chosen != pair.rejected]
    require(different, f"{count} sampled pairs, all of equal responses: raise --pairs")
    return models[name], word_tokenizer(), different


def _trained(name: str, seed: int, world) -> dict:
    """SFT as in the tour and, if the policy is asked for, DPO; one progress bar."""
    import torch
    from tqdm.auto import tqdm

    from ..training import Settings
    from ..training.world_batches import world_data
    from ..training.world_run import make_reference, train_soft

    torch.set_num_threads(1)  # fastest for matrices this small
    data, settings = world_data(world, dtype=torch.float32), Settings(seed=seed)
    dpo_steps = settings.dpo.steps if name == "policy" else 0
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
