"""What Django's `ar` lacks: without it, a moment was written as in Britain, with a comma of another script."""

DATETIME_FORMAT = "j F Y، H:i"
