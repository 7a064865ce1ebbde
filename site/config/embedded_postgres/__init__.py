"""The database of development, tests and the demonstration: PostgreSQL from PyPI, with its data in the project folder.

Used as `ENGINE`, it is Django's PostgreSQL backend, and starts the server on the first connection.
"""
