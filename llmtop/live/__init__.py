"""What is true now: spans, windows, figures. Pure: no I/O, and the time is handed in."""
