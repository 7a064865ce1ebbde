"""Formats that Django's `ar` lacks: without them, date and time would be British, with a Latin comma."""

DATETIME_FORMAT = "j F Y، H:i"
