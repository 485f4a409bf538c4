"""What the measurements share: load, readings of processes, the report."""
