"""DPO on a pretrained model: the loop, on one process or on several.

    gradient = mean over the pairs of the step, however they are dealt and cut

The pairs of a step are dealt to the processes, and each process's share goes through
the model in parts of a bounded number of tokens, whose gradients add up (gradient
accumulation). A part weighs as many pairs as it holds over the pairs of the step.
A mean of the parts' means would count a pair of a small part more.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import nn

from ..dpo_loss import dpo_loss
from ..real_model.adapter import learning_weights
from ..real_model.scoring import Group, Scorer, parts
from ..scaling.trainer_log import log_columns
from ..training import Checkpoint, Schedule, StepReport, epoch_rows, epoch_steps
from .processes import dealt
from .settings import ModelSettings
from .stopping import Stop


class PairScores(nn.Module):
    """log pi of both answers of some pairs: (pairs, 2). What Accelerate wraps."""

    def __init__(self, scorer: Scorer):
        super().__init__()
        self.scorer, self.model = scorer, scorer.model

    def forward(self, groups: Sequence[Group]) -> torch.Tensor:
        return self.scorer.logp(groups).view(-1, 2)


class Learned:
    """The weights of a model that learn, and nothing else of it: what a run keeps."""

    def __init__(self, model: nn.Module):
        self.weights = learning_weights(model)

    def parameters(self):
        """The weights, as an optimizer wants them."""
        return self.weights.values()

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Their values by name, each stored once."""
        return {name: weight.detach() for name, weight in self.weights.items()}

    @torch.no_grad()
    def load_state_dict(self, values: dict[str, torch.Tensor]) -> None:
        """Give each the value that it had."""
        for name, weight in self.weights.items():
            weight.copy_(values[name])


class Team(NamedTuple):
    """What learns, and the processes that teach it."""

    accelerator: Any  # Accelerate's, which knows the other processes
    scores: nn.Module  # groups to (pairs, 2), wrapped
    learned: Learned
    optimizer: Any


def schedule_of(settings: ModelSettings, pairs: int) -> Schedule:
    """A rise over the first steps, then a linear fall to 0."""
    steps = epoch_steps(pairs, settings.batch_size, settings.epochs)
    return Schedule(
        steps,
        settings.learning_rate,
        warmup=round(settings.warmup * steps),
        betas=(0.9, 0.999),
        clip=settings.clip,
    )


def prepared(accelerator, scorer: Scorer) -> Team:
    """The model and its optimizer in the hands of Accelerate."""
    scores = PairScores(scorer)
    optimizer = torch.optim.AdamW(
        Learned(scorer.model).parameters(),
        betas=(0.9, 0.999),
        weight_decay=0.0,
        fused=True,
    )
    wrapped, optimizer = accelerator.prepare(scores, optimizer)
    return Team(accelerator, wrapped, Learned(scorer.model), optimizer)


@torch.no_grad()
def logp_of(team: Team, groups: Sequence[Group], at_once: int) -> torch.Tensor:
    """(pairs, 2) of all groups, shared by the processes; each gets all, on the CPU."""
    logp = torch.zeros(len(groups), 2, dtype=torch.float64)
    for numbers, counts in _shares(team, groups, range(len(groups)), at_once):
        scored = team.scores([groups[n] for n in numbers])
        if counts:
            logp[numbers] = scored.double().cpu()
    return _summed(team, logp)


def _shares(team: Team, groups, numbers, at_once: int):
    """This process's parts of the pairs with these numbers: [(numbers, do they count)].

    Every process takes as many parts, because some ways to share a model have all of
    them compute at the same time: a process that has fewer repeats one, which counts
    nothing.
    """
    count, rank = team.accelerator.num_processes, team.accelerator.process_index
    order = sorted(numbers, key=lambda n: -_size(groups[n]))
    cut = [_cut(groups, dealt(order, each, count), at_once) for each in range(count)]
    most = max(map(len, cut))
    mine = [(part, True) for part in cut[rank]]
    idle = (cut[rank] or [order[:1]])[-1]
    return mine + [(idle, False)] * (most - len(mine))


def _size(group: Group) -> int:
    return len(group.prompt) + sum(map(len, group.responses))


def _cut(groups, numbers: list[int], at_once: int) -> list[list[int]]:
    """A share in parts of similar length, of ``at_once`` tokens or so each."""
    found = parts([groups[n] for n in numbers], at_once)
    return [[numbers[place] for place in part] for part in found]


def _summed(team: Team, values: torch.Tensor) -> torch.Tensor:
    """The sum over processes, float64 on the CPU."""
    if team.accelerator.num_processes == 1:
        return values
    place = team.accelerator.device
    kept = values.to(place, torch.float32 if place.type == "mps" else torch.float64)
    return team.accelerator.reduce(kept, "sum").double().cpu()


def train(
    team: Team,
    groups: Sequence[Group],
    ref_logp: torch.Tensor,
    settings: ModelSettings,
    stop: Stop,
    after_step: Callable[[StepReport], object] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Learned:
    """DPO on pairs whose log-probabilities under the reference are given: (pairs, 2).

    ``checkpoint`` goes on where a run stopped and ends with the same weights.
    """
    schedule = schedule_of(settings, len(groups))
    if checkpoint:
        _go_on(team, checkpoint)
    for step in range(checkpoint.step if checkpoint else 0, schedule.steps):
        rows = epoch_rows(len(groups), settings.batch_size, settings.seed, step)
        rate = team.optimizer.param_groups[0]["lr"] = schedule.learning_rate_at(step)
        logp, norm = _take_step(team, groups, ref_logp, rows.tolist(), settings)
        logp = _told(team, logp, stop)
        four = (*logp.unbind(-1), *ref_logp[rows].unbind(-1))
        record = log_columns(*four, settings.beta)
        record |= {"learning_rate": rate, "grad_norm": norm}
        if after_step:
            after_step(StepReport(step, record, team.learned, team.optimizer))
    return team.learned


def _take_step(team: Team, groups, ref_logp, rows: list[int], settings):
    """Gradients, a clip, a step; this process's log-probabilities and the norm."""
    team.optimizer.zero_grad()
    logp = _add_gradients(team, groups, ref_logp, rows, settings)
    weights = team.learned.parameters()
    norm = team.accelerator.clip_grad_norm_(weights, settings.clip)
    team.optimizer.step()
    return logp, float(norm)


def _told(team: Team, logp: torch.Tensor, stop: Stop) -> torch.Tensor:
    """The log-probabilities of all processes; all hear whether one is to stop."""
    told = _summed(team, torch.cat([logp.flatten(), torch.tensor([stop.came])]))
    stop.agreed = bool(told[-1] > 0)  # so that all leave after the same step
    return told[:-1].view(-1, 2)


def _add_gradients(team: Team, groups, ref_logp, rows: list[int], settings):
    """Backward through this process's share; its log-probabilities: (rows, 2).

    Those of other processes' pairs are 0.
    """
    mine = _shares(team, groups, rows, settings.at_once)
    found = torch.zeros(len(rows), 2, dtype=torch.float64)
    place = {n: k for k, n in enumerate(rows)}
    for number, (numbers, counts) in enumerate(mine):
        # Gradients travel once per step, with the last part's.
        last = number + 1 == len(mine)
        quiet = nullcontext() if last else team.accelerator.no_sync(team.scores)
        with quiet:
            logp = team.scores([groups[n] for n in numbers])  # (part, 2)
            four = (*logp.unbind(-1), *ref_logp[numbers].to(logp).unbind(-1))
            total = dpo_loss(*four, settings.beta, reduction="sum")
            # Accelerate takes the mean over processes, of which each has a share.
            weight = team.accelerator.num_processes / len(rows) if counts else 0.0
            team.accelerator.backward(total * weight)
        if counts:
            found[[place[n] for n in numbers]] = logp.detach().double().cpu()
    return found


def _go_on(team: Team, checkpoint: Checkpoint) -> None:
    """Weights and moments as they were."""
    team.learned.load_state_dict(checkpoint.weights)
    groups = team.optimizer.state_dict()["param_groups"]
    team.optimizer.load_state_dict(
        {"state": checkpoint.moments, "param_groups": groups}
    )
