"""A check-up for any DPO trainer: point it at your code, and it names what it finds.

    python -m dpo_edu.trainer_checks my_package.my_adapter
    pytest -p dpo_edu.trainer_checks --pyargs dpo_edu.trainer_checks --trainer=NAME

An *adapter* is a module with some of the functions in ``adapter.FUNCTIONS``, each a
few lines around the code to be examined; docs/trainer_checks.md shows one. This door
is what pytest loads as a plugin; torch is loaded with the first check.
"""

from .plugin import (
    pytest_addoption,
    pytest_configure,
    pytest_generate_tests,
    pytest_report_header,
)
from .words import EOS, PAD, Rows, as_lists


def checks(trainer) -> list:
    """All checks of an adapter, for ``pytest.mark.parametrize``: call one to run it.

    trainer: an adapter, its dotted name, or the path of its file. A check that finds
    something raises AssertionError; one that needs a function which the adapter has
    not skips. Raises InputError if the adapter has none of the functions.
    """
    from .examination import checks

    return checks(trainer)


def check_up(trainer) -> list:
    """Run all checks; returns a ``Finding`` for each, in order."""
    from .examination import check_up

    return check_up(trainer)
