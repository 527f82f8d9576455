"""Your answers to chapter 04; see conftest.py for when this runs."""

CHAPTER = "boltzmann"


def test_exercise(name, verdict):
    verdict(name)
