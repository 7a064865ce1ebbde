"""Formats that Django's `ar` lacks: without them, date and time had the British format, with a comma of another script.
"""

DATETIME_FORMAT = "j F Y، H:i"
