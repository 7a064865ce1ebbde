"""Monitoring of the running site: whether each process lives and can work, and whether work waits too long."""
