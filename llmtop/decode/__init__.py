"""Bytes become fragments: one file a format. Counts what it cannot read; never raises."""
