"""The database of development, tests and the demonstration: a PostgreSQL from PyPI with its data in the project's own folder.

Named as `ENGINE`, it is Django's PostgreSQL backend that starts the server when the first connection is made.
"""
