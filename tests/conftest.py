"""Hypothesis profiles: dev is quick, ci repeats the same examples in every run, thorough looks for longer.

Chosen by the environment variable HYPOTHESIS_PROFILE; without it ci where CI is set, else dev.
"""

import os

from hypothesis import settings

settings.register_profile("dev", max_examples=15, deadline=None)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
