"""The addresses of the helpline at the two sites, and those of its open data."""
