"""The emitter, which lives in the user's application: it never raises, blocks or starts a thread."""
