"""The requests that this site makes by itself, from the worker: where they may go, what they may cost, and why one failed.

No request of a visitor ever leads to one.
"""
