"""The emitter, which lives in the user's application and never raises, blocks or starts threads."""
