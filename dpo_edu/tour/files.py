"""What ``dpo-edu tour`` leaves in its folder: picture, numbers, settings, weights.

Each file is written whole or not at all. This module does not train or print.
"""

import io
from dataclasses import asdict
from pathlib import Path

from ..boltzmann import optimal_logp
from ..figures.tour import learned_and_exact
from ..files import save_weights, write_atomically, write_json, write_json_lines
from ..preference_world import PROMPTS
from ..training.evaluation import evaluate, loss_floor

PROMPT = PROMPTS.index("very good")  # the one in the picture


def write_tour(
    folder: Path, world, reference, policy, history, prices, settings
) -> None:
    """Write all files. reference, policy: stages; prices: verdicts on hard labels."""
    picture = _picture(world, reference.logp, policy.logp, history, settings)
    write_atomically(folder / "learned_and_exact.png", picture)
    write_json_lines(folder / "metrics.jsonl", history)
    verdict = evaluate(policy.logp, reference.logp, world.reward, settings.beta)
    hard = [price._asdict() for price in prices]
    record = {"soft labels": verdict._asdict(), "hard labels": hard}
    write_json(folder / "verdict.json", record)
    write_json(folder / "settings.json", asdict(settings))
    save_weights(folder / "reference.safetensors", reference.model)
    save_weights(folder / "policy.safetensors", policy.model)


def _picture(world, ref_logp, logp, history, settings) -> bytes:
    """Learned against exact probability, and the loss above its floor, as a PNG."""
    optimal = optimal_logp(ref_logp, world.reward, settings.beta)
    three = [each[PROMPT] for each in (ref_logp, logp, optimal)]
    floor = loss_floor(ref_logp, world.reward)
    picture = io.BytesIO()
    learned_and_exact(three, PROMPTS[PROMPT], history, floor).savefig(picture)
    return picture.getvalue()
