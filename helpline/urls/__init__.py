"""URLs of the helpline on the two sites, and of its open data."""
