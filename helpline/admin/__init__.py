"""Admin views of listings, for staff."""
