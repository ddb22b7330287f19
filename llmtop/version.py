"""The version of llmtop, as a literal: looking it up in package metadata costs 50 ms."""

__version__ = "0.1.0"
