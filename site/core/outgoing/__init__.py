"""Outgoing requests of this site: their permitted targets, their limits, and the reasons for failures.

No request of a visitor triggers one.
They come from the worker; those on behalf of a signed-in user are made while the user waits.
"""
