"""Backups: everything that cannot be made again, in one file, and back from it."""


class BackupError(Exception):
    """A backup was not made or not restored.

    The message has the reason and the remedy.
    """
