"""Measurements, each a script of its own: `make bench`, or `python -m bench.accept`."""
