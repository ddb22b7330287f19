"""One file a pane: what is true now, drawn."""
