"""Your answers to chapter 05; see conftest.py for when this runs."""

CHAPTER = "cancellation"


def test_exercise(name, verdict):
    verdict(name)
