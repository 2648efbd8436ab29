"""Hypothesis profiles: `default` for every run, `soak` for `make soak`."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("default", deadline=None, max_examples=150, derandomize=bool(os.environ.get("CI")))
settings.register_profile("soak", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
