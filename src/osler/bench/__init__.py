"""Tasks and runs: how good an installed specialty is, beside its baselines."""
