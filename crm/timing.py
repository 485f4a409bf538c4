"""Durations in seconds that have to fit each other; `checks.py` sees to it."""

CALL_SECONDS = 60.0  # total deadline of one call, the reading of a dripping answer included
LEASE_SECONDS = 150.0  # outlives two calls: that of the batch before, and its own
PROBE_SECONDS = 120.0  # a prober that dies is followed by another after this
