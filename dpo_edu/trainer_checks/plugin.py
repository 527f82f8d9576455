"""What pytest asks of a plugin: the option ``--trainer``, and a test for each check.

    pytest -p dpo_edu.trainer_checks --pyargs dpo_edu.trainer_checks --trainer NAME

NAME is an adapter's dotted name or file. Nothing is imported before it is named.
"""

import pytest

from ..validation import InputError
from .adapter import Trainer

ARGUMENT = "trainer_check"  # a test with this argument runs once for each check


def pytest_addoption(parser) -> None:
    """Say that there is an option ``--trainer``."""
    group = parser.getgroup("dpo_edu.trainer_checks")
    group.addoption(
        "--trainer",
        metavar="NAME",
        help="the adapter whose trainer is to be checked: my_package.my_adapter, or "
        "the path of a file",
    )


def pytest_configure(config) -> None:
    """Load the adapter that ``--trainer`` names."""
    name = config.getoption("--trainer")
    if not name:
        return
    try:
        trainer = Trainer(name)
        from .examination import checks

        config.trainer_checks = checks(trainer)
    except InputError as error:
        raise pytest.UsageError(f"--trainer: {error}") from error


def pytest_report_header(config) -> str | None:
    """One line that names the trainer."""
    found = getattr(config, "trainer_checks", None)
    return f"trainer: {found[0].trainer.name}" if found else None


def pytest_generate_tests(metafunc) -> None:
    """A case for each check, in every test with the argument ``trainer_check``."""
    if ARGUMENT not in metafunc.fixturenames:
        return
    found = getattr(metafunc.config, "trainer_checks", None)
    if found is None:
        raise pytest.UsageError("name an adapter: --trainer my_package.my_adapter")
    metafunc.parametrize(ARGUMENT, found, ids=lambda each: each.check.name)
