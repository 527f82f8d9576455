"""Your answers to chapter 01; see conftest.py for when this runs."""

CHAPTER = "bradley_terry"


def test_exercise(name, verdict):
    verdict(name)
