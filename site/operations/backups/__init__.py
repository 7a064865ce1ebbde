"""Backups of all data that cannot be generated again, in one file, and their restore."""


class BackupError(Exception):
    """A backup was not made or not restored.

    The message has the reason and the remedy.
    """
