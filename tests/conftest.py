"""Hypothesis profiles: dev is quick, ci repeats the same examples in every run, thorough looks for longer.

Chosen by the environment variable HYPOTHESIS_PROFILE; without it ci where CI is set, else dev.
"""

import os

from hypothesis import HealthCheck, settings

# A busy machine is no failure: no deadlines.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", patient, max_examples=15)
settings.register_profile("ci", patient, max_examples=60, derandomize=True, print_blob=True)
settings.register_profile("thorough", patient, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
