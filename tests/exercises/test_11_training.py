"""Your answers to chapter 11; see conftest.py for when this runs."""

CHAPTER = "training"


def test_exercise(name, verdict):
    verdict(name)
