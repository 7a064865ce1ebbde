"""Screens of the admin: the table of translations, changes of a source, and to-dos."""
