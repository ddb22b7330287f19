"""Bytes arrive: files, standard input, sockets. Nothing here knows what the bytes mean."""
