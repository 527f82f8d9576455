"""Your answers to chapter 06; see conftest.py for when this runs."""

CHAPTER = "dpo_loss"


def test_exercise(name, verdict):
    verdict(name)
