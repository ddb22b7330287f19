"""The emitter, which lives in the user's application: it never raises, never blocks, starts no thread."""
