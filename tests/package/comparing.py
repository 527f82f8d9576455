"""How near is near: the tolerances of these tests, in one place."""

import numpy as np
import pytest

EXACT = {"rel": 1e-12, "abs": 0}


def approx(expected):
    """Equal but for the last digits, also next to 0."""
    return pytest.approx(expected, rel=1e-12, abs=1e-14)


def near(expected, tolerance=1e-12):
    """Within the tolerance of an array or a number, relatively or absolutely."""
    return pytest.approx(np.asarray(expected), rel=tolerance, abs=tolerance)


def close(actual, desired, rtol=1e-12, atol=0.0):
    """Assert it of two arrays; what differs is shown element by element."""
    np.testing.assert_allclose(actual, desired, rtol=rtol, atol=atol)
