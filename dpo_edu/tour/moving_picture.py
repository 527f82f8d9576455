"""The README's moving picture: 3,616 probabilities on their way to the exact optimum.

    python -m dpo_edu.tour.moving_picture        # some minutes; writes both GIFs

The run is that of ``dpo-edu tour`` in float64, so that the pictures are the same again.
Each GIF carries in its comment what the model wrote before and after.
"""

import io
import json
from pathlib import Path

import numpy as np
import torch

from ..boltzmann import optimal_logp
from ..figures.tour_moving import Moment, moving_picture
from ..files import write_atomically
from ..preference_world import PROMPTS, World, build_world, sample_responses
from ..progress import progress_bar
from ..training import Settings
from ..training.evaluation import loss_floor
from ..training.world_batches import world_data
from ..training.world_run import make_reference, policy_logp, train_soft
from .files import PROMPT

FOLDER = Path(__file__).parents[2] / "notebooks" / "images"
NAMES = "learning.gif", "learning_dark.gif"  # for light and for dark pages
FRAMES = 44
SAMPLES = 3  # answers that stand under the picture


def shown_steps(steps: int) -> list[int]:
    """After how many steps a frame is drawn: 0, then evenly on a logarithmic axis."""
    return [0, *np.unique(np.geomspace(1, steps, FRAMES).round().astype(int)).tolist()]


def written(world: World, logp, seed: int) -> list[str]:
    """What a policy (P, R) writes to the prompt of the picture, in words."""
    rows = np.full(SAMPLES, PROMPT)
    drawn = sample_responses(logp, rows, np.random.default_rng([seed, 3]))
    return [world.text(response) for response in drawn]


def watch(data, reference, settings: Settings) -> tuple[list[Moment], list[float]]:
    """DPO from the reference: the moments to draw, and the loss of every step."""
    shown, loss = set(shown_steps(settings.dpo.steps)), []
    moments = [_moment(0, data.world, reference.logp, settings)]
    with progress_bar("DPO", settings.dpo.steps) as advance:

        def after_step(report):
            advance(report)
            loss.append(report.record["loss"])
            if len(loss) in shown:
                logp = policy_logp(report.model, data.world)
                moments.append(_moment(len(loss), data.world, logp, settings))

        train_soft(data, reference, settings, after_step)
    return moments, loss


def _moment(step, world, logp, settings) -> Moment:
    return Moment(step, logp[PROMPT], written(world, logp, settings.seed))


def gif(frames, milliseconds, comment: str) -> bytes:
    """Pillow images as a GIF that begins again when its last frame has been seen."""
    file = io.BytesIO()
    first, *others = frames
    first.save(
        file,
        "GIF",
        save_all=True,
        append_images=others,
        duration=milliseconds,
        loop=0,
        comment=comment,
        optimize=True,
    )
    return file.getvalue()


def write(moments: list[Moment], best_logp, loss: list[float], floor: float) -> None:
    """Both GIFs: for light and for dark pages."""
    comment = json.dumps({"before": moments[0].answers, "after": moments[-1].answers})
    for dark, name in enumerate(NAMES):
        drawn = moving_picture(
            moments, best_logp, PROMPTS[PROMPT], loss, floor, bool(dark)
        )
        write_atomically(FOLDER / name, gif(*drawn, comment))


def main(settings: Settings) -> None:
    """Train, watch, write."""
    torch.set_num_threads(1)
    data = world_data(build_world())
    reference = make_reference(data, settings)
    moments, loss = watch(data, reference, settings)
    best = optimal_logp(reference.logp, data.world.reward, settings.beta)[PROMPT]
    write(moments, best, loss, loss_floor(reference.logp, data.world.reward))


if __name__ == "__main__":
    main(Settings())
