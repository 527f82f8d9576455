"""Your answers to chapter 03; see conftest.py for when this runs."""

CHAPTER = "divergence"


def test_exercise(name, verdict):
    verdict(name)
