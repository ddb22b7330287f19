"""Stored logs: daily files that are written, read through, exported, replayed and let go of."""
