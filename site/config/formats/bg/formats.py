"""Bulgarian dates with a time: Django has none, and would use those of American English."""

DATETIME_FORMAT = "d F Y, H:i"
SHORT_DATETIME_FORMAT = "d.m.Y H:i"
