"""Processes that run in the background: their loops, how they stop, the worker, and locks between them."""
