"""Listings in the admin: what staff see of them."""
