"""The test that pytest collects for ``--pyargs dpo_edu.trainer_checks``."""


def test_trainer(trainer_check):
    """Each check of the adapter that ``--trainer`` names."""
    trainer_check()
