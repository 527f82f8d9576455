"""Your answers to chapter 16; see conftest.py for when this runs."""

CHAPTER = "scaling"


def test_exercise(name, verdict):
    verdict(name)
