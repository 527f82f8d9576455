"""Generated inputs are the same in every run, and no test fails for being slow.

For other inputs: ``pytest --hypothesis-profile=default tests/package``.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
