"""Irish dates with a time: Django has none, and would use those of American English."""

DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "j M Y H:i"
