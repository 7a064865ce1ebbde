"""The requests that this site makes of others: where they may go, what they may cost, and why one failed.

No request of a visitor ever leads to one. They come from the worker; one of somebody who has signed in is made while they wait.
"""
