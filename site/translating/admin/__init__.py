"""Screens of the admin: the table of translations, what has changed in a source, and to-dos."""
