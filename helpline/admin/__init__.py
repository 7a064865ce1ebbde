"""The listing desk: what staff see of listings in the admin."""
