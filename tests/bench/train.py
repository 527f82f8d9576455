"""A whole run, from a file of pairs to a folder: ``dpo-edu train`` beside a TRL script.

Fresh weights of the same sizes, the same number of steps. The two hold out other pairs,
so their losses are alike and not equal.
"""

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import torch

from dpo_edu.files import read_json
from dpo_edu.own_data.batches import BYTES_EOS
from dpo_edu.own_data.pairs import TextPair, read_pairs, write_pairs
from dpo_edu.scaling.export.transformers_files import byte_tokenizer, own_text
from dpo_edu.tiny_transformer import ModelConfig, TinyTransformer

from .commands import command
from .material import Material, random_pairs
from .rounds import Job, least, middle

PAIRS, TRAINED, LONGEST, BATCH = 2_000, 1_800, 255, 16
OURS, BEST = "dpo-edu train", "a TRL script, best"


def jobs(with_trl: bool) -> list[Job]:
    """Ours, and TRL's at its best and as it comes, both in float32."""
    theirs = [
        Job(f"a TRL script, {name}", "train.theirs", {"settings": name})
        for name in ("best", "defaults")
    ]
    return [Job(OURS, "train.ours", {}), *(theirs if with_trl else [])]


def ours() -> dict:
    """Seconds of our command, and its mean loss over the epoch."""
    with tempfile.TemporaryDirectory() as place:
        data, out = Path(place) / "pairs.jsonl", Path(place) / "runs"
        write_pairs(data, random_pairs(PAIRS, LONGEST))
        words = ["-m", "dpo_edu", "train", "--data", str(data), "--out", str(out)]
        words += ["--sft-epochs", "0", "--epochs", "1", "--batch-size", str(BATCH)]
        found = command(words)
        (log,) = out.glob("*/policy.jsonl")
        losses = [read_json(line)["loss"] for line in log.read_text().splitlines()]
    return found | {"losses": losses}


def theirs(settings: str) -> dict:
    """Seconds of the script below, and its mean loss."""
    with tempfile.TemporaryDirectory() as place:
        data, log = Path(place) / "pairs.jsonl", Path(place) / "losses.json"
        write_pairs(data, random_pairs(PAIRS, LONGEST))
        words = ["-m", f"{__package__}.train", str(data), place, settings]
        found = command(words)
        return found | {"losses": json.loads(log.read_text())}


def script(data: Path, place: Path, settings: str) -> None:
    """What one writes with TRL for the same job."""
    from . import theirs as trl

    torch.set_num_threads(1)
    trl.quiet()
    torch.manual_seed(0)
    sizes = {"width": 64, "layers": 2, "heads": 4}
    model = TinyTransformer(ModelConfig(BYTES_EOS + 1, LONGEST + 1, **sizes))
    text: list[TextPair] = own_text(read_pairs(data)[:TRAINED])
    made = Material(model, byte_tokenizer(), text, import_module, None)
    chosen = {"best": trl.BEST, "defaults": trl.DEFAULTS}[settings]
    chosen = chosen | {"per_device_train_batch_size": BATCH, "learning_rate": 2e-4}
    run = trl.trainer(made, trl.Clock(), place, chosen)
    run.train()
    run.save_model(str(place / "saved"))
    losses = [row["loss"] for row in run.state.log_history if "loss" in row]
    (place / "losses.json").write_text(json.dumps(losses))


def table(found: dict) -> str:
    """A row per trainer, and what goes into it how many times."""
    lines = [
        "| whole run | CPU s | median | wall s | times ours, CPU | last loss |",
        "|---|---|---|---|---|---|",
    ]
    for row, rounds in found.items():
        cpu, wall = least(rounds, "cpu"), least(rounds, "wall")
        times, last = cpu / least(found[OURS], "cpu"), rounds[0]["losses"][-1]
        lines.append(
            f"| {row} | {cpu:.1f} | {middle(rounds, 'cpu'):.1f} | {wall:.1f} "
            f"| {times:.2f} | {last:.3f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    script(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
