"""The HTTP service: the monitor without a screen, on the same pump, filter and figures."""
