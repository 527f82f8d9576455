"""All checks in order, run one by one: what was found, and what was not asked.

A check runs if the adapter has the functions that it needs, and if the check that it
builds on has found nothing. This module does not print.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..validation import InputError
from . import loss_checks, reference_checks, run_checks, score_checks
from .adapter import Trainer

RIGHT, FOUND, NOT_ASKED, FAILED = "right", "found", "not asked", "failed"


class Check(NamedTuple):
    """A question to a trainer."""

    name: str
    needs: tuple[str, ...]  # functions of the adapter; with "|", one of them
    run: Callable[[Trainer], str | None]
    after: str = ""  # the check without which this one says nothing new


class Finding(NamedTuple):
    """The answer: a verdict, and in words what is wrong or why nothing was asked."""

    check: str
    verdict: str
    message: str = ""
    error: Exception | None = None


_SUM = "probabilities sum to 1"
_BATCH = "loss of a batch"
CHECKS = (
    Check(_SUM, ("logprob",), score_checks.probabilities_sum_to_1),
    Check("rows alone", ("logprob",), score_checks.rows_alone, _SUM),
    Check("padding with <eos>", ("logprob",), score_checks.padding_with_eos, _SUM),
    Check("padding on the left", ("logprob",), score_checks.padding_on_the_left, _SUM),
    Check("loss of ordinary pairs", ("loss",), loss_checks.loss_of_ordinary_pairs),
    Check("mean over pairs", ("loss",), loss_checks.mean_over_pairs),
    Check("log 2 at the start", ("loss",), loss_checks.log_2_at_the_start),
    Check("extreme margins", ("loss",), loss_checks.extreme_margins),
    Check("probability 0", ("loss",), loss_checks.probability_0),
    Check(_BATCH, ("pair_loss",), reference_checks.loss_of_a_batch),
    Check(
        "start and nudge", ("pair_loss|reference",), reference_checks.start_and_nudge
    ),
    Check(
        "gradient of the policy",
        ("pair_loss",),
        reference_checks.gradient_of_the_policy,
        _BATCH,
    ),
    Check(
        "gradient into the reference",
        ("pair_loss", "reference"),
        reference_checks.gradient_into_the_reference,
    ),
    Check("unequal parts", ("accumulate",), run_checks.unequal_parts),
    Check("resume", ("train",), run_checks.resume),
    Check("reference stays", ("train",), run_checks.reference_stays),
)


def check_up(source) -> list[Finding]:
    """Every check's finding, in order."""
    trainer = source if isinstance(source, Trainer) else Trainer(source)
    found: dict[str, Finding] = {}
    for check in CHECKS:
        found[check.name] = _finding(check, trainer, found)
    return list(found.values())


def _finding(check: Check, trainer: Trainer, so_far: dict[str, Finding]) -> Finding:
    if reason := not_asked(check, trainer):
        return Finding(check.name, NOT_ASKED, reason)
    before = so_far.get(check.after)
    if before and before.verdict in (FOUND, FAILED):
        return Finding(check.name, NOT_ASKED, f'it builds on "{check.after}"')
    try:
        message = check.run(trainer)
    except InputError as error:
        return Finding(check.name, FAILED, str(error), error)
    except Exception as error:
        line = f"The adapter raised {type(error).__name__}: {error}"
        return Finding(check.name, FAILED, line, error)
    return Finding(check.name, FOUND if message else RIGHT, message or "")


def not_asked(check: Check, trainer: Trainer) -> str:
    """Why this check does not run on this trainer; "" if it does."""
    if check.name in trainer.not_applicable:
        return str(trainer.not_applicable[check.name])
    missing = [need for need in check.needs if not trainer.has & {*need.split("|")}]
    return f"it needs {' and '.join(missing)}".replace("|", " or ") if missing else ""


class Bound:
    """A check and the trainer it asks: a call runs it, as a test."""

    def __init__(self, check: Check, trainer: Trainer):
        self.check, self.trainer = check, trainer
        self.__name__ = check.name.replace(" ", "_")  # pytest's name of the case

    def __call__(self) -> None:
        import pytest

        finding = _finding(self.check, self.trainer, {})
        if finding.verdict == NOT_ASKED:
            pytest.skip(finding.message)
        if finding.verdict != RIGHT:
            said = f"{self.check.name}: {finding.message}"
            raise AssertionError(said) from finding.error

    def __repr__(self):
        return f"<check {self.check.name!r} of {self.trainer.name}>"


def checks(source) -> list[Bound]:
    """All checks of an adapter, each to be called as a test."""
    trainer = source if isinstance(source, Trainer) else Trainer(source)
    _known(trainer)
    return [Bound(check, trainer) for check in CHECKS]


def _known(trainer: Trainer) -> None:
    """Refuse an exception for a check that there is not."""
    names = {check.name for check in CHECKS}
    for name in trainer.not_applicable:
        if name not in names:
            raise InputError(
                f"{trainer.name}: NOT_APPLICABLE names {name!r}, which is no check; "
                f"there are {', '.join(sorted(names))}"
            )
