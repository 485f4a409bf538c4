"""Measurements, each a script of its own: `make bench`, or `python -m bench.accept`."""

import warnings

# What brings the embedded PostgreSQL looks for that folder when it is imported; nothing needs it.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
