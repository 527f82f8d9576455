"""Your answers to chapter 10; see conftest.py for when this runs."""

CHAPTER = "preference_world"


def test_exercise(name, verdict):
    verdict(name)
