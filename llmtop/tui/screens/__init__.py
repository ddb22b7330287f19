"""One file a screen: panes, arranged."""
