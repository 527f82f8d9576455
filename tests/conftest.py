"""What all tests share."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def heeds_ctrl_c():
    """Tests and their children stop on Ctrl-C, also where ``nohup`` had it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
