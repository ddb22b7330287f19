"""The lines around the panes: header, footer, filter, search and the honest strip."""
