"""Backups: everything that cannot be made again, in one file, and back from it."""


class BackupError(Exception):
    """Why there is no backup, or why it was not restored: a sentence that says what to do."""
