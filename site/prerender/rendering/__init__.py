"""Render addresses to files, batch by batch, in a pool of processes."""
