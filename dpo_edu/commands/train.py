"""Train a small transformer with DPO on your own pairs (JSON Lines).

Each line: {"prompt": "...", "chosen": "...", "rejected": "..."}. The reference is made
first, by SFT on the chosen texts. A run that was stopped goes on with --resume.
"""

from dataclasses import asdict, fields
from pathlib import Path

from ..own_data.settings import OwnSettings
from ..validation import require

_HELP = {
    "beta": "strength of the tie to the reference",
    "epochs": "passes of DPO over the pairs",
    "sft_epochs": "passes of SFT over the chosen texts; 0 skips it",
    "batch": "pairs a step",
    "learning_rate": "peak of the schedule",
    "context": "longest prompt + response, in bytes",
    "held_out": "share of the pairs kept for evaluation",
    "seed": "another run of the chance",
}


def add_arguments(parser) -> None:
    """Declare the command's arguments on an ``argparse`` parser."""
    parser.add_argument("--data", metavar="FILE", help="pairs, JSON Lines")
    parser.add_argument(
        "--resume", type=Path, metavar="RUN", help="a stopped run's folder"
    )
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where to write")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto")
    for name, text in _HELP.items():
        kind = float if name in ("beta", "learning_rate", "held_out") else int
        option = f"--{name.replace('_', '-')}"
        text = f"{text} (default {getattr(OwnSettings, name)})"
        parser.add_argument(option, type=kind, default=None, help=text)


def run(args) -> int:
    """Read, check, train, report."""
    require(
        (args.data is None) != (args.resume is None),
        "say either --data FILE (a new run) or --resume RUN (a stopped one)",
    )
    from ..own_data.batches import pair_data
    from ..own_data.pairs import read_pairs
    from ..own_data.run import split
    from ..scaling.devices import choose_device  # torch: two seconds

    device = choose_device(args.device)
    settings = _settings(args)
    pairs = read_pairs(Path(settings.data))
    require(len(pairs) > 1, f"{settings.data}: one pair is too few, one is held out")
    pair_data(pairs, settings.context, settings.data)  # refuse before writing
    parts = split(pairs, settings.held_out, settings.seed)
    training, held_out = (
        pair_data(part, settings.context, settings.data) for part in parts
    )
    folder = args.resume or _new_run(args.out, settings)
    print(f"{training.pairs} pairs to train on, {held_out.pairs} held out, in {folder}")
    _warn_if_few(settings, training.pairs)
    move = [
        type(data)(*(field.to(device) for field in data))
        for data in (training, held_out)
    ]
    reference, policy = _train(settings, move[0], folder)
    _report(settings, reference, policy, move[1], parts[1], folder)
    return 0


def _settings(args):
    """Those of the stopped run, or defaults with what was asked for."""
    from ..own_data.settings import new_settings, stopped_settings

    options = {f.name: getattr(args, f.name, None) for f in fields(OwnSettings)}
    asked = {name: value for name, value in options.items() if value is not None}
    return stopped_settings(args.resume, asked) if args.resume else new_settings(asked)


def _new_run(out: Path, settings) -> Path:
    from ..files import new_folder, write_json

    folder = new_folder(out, "train")
    write_json(folder / "settings.json", asdict(settings))
    return folder


def _train(settings, data, folder):
    """Both phases; a Ctrl-C says how to go on."""
    from ..own_data.run import train_policy, train_reference

    try:
        reference = train_reference(settings, data, folder, _show)
        return reference, train_policy(settings, reference, data, folder, _show)
    except KeyboardInterrupt:
        going_on = f"Go on with: dpo-edu train --resume {folder}"
        raise KeyboardInterrupt(going_on) from None


def _warn_if_few(settings, pairs: int) -> None:
    steps = settings.sft_epochs * -(-pairs // settings.batch)
    if 0 < steps < 200:
        print(f"{steps} steps of SFT: if the samples are gibberish, raise --sft-epochs")


def _show(name: str, steps: int, start: int):
    """A progress bar with the latest numbers; returns what to call after a step."""
    from tqdm.auto import tqdm

    title = "SFT" if name == "reference" else "DPO"
    bar = tqdm(total=steps, initial=start, desc=title, disable=None)

    def advance(step, record):
        bar.update()
        if step % 10 == 0 or step + 1 == steps:
            bar.set_postfix({key: f"{value:.3f}" for key, value in record.items()})
        if step + 1 == steps:
            bar.close()

    return advance


def _report(settings, reference, policy, held_out, pairs, folder) -> None:
    """Held-out numbers and samples, on the screen and in report.json."""
    import torch

    from ..files import write_json
    from ..own_data.batches import complete
    from ..own_data.run import finish, held_out_record

    before = held_out_record(reference, reference, held_out, settings.beta)
    after = held_out_record(policy, reference, held_out, settings.beta)
    print(f"{'held out':<16}{'reference':>11}{'learned':>11}")
    for name in ("loss", "accuracy", "margin"):
        print(f"{name:<16}{before[name]:>11.4f}{after[name]:>11.4f}")
    for prompt in list(dict.fromkeys(pair.prompt for pair in pairs))[:3]:
        print(f"\nprompt    {prompt!r}")
        for name, model in (("reference", reference), ("learned", policy)):
            generator = torch.Generator().manual_seed(settings.seed)
            text = complete(model, prompt, 80, generator)
            print(f"{name:<10}{text!r}")
    write_json(folder / "report.json", {"reference": before, "learned": after})
    finish(folder)
    print(f"\n{folder}: weights, logs (.jsonl), settings.json, report.json")
