"""Generated files, static files and their storage."""
