"""Screens of the admin about accounts, and what the admin shows to whom."""
