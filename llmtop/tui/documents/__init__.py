"""Long texts of calls and spans, in blocks: what they are made of, shown, searched, compared."""
