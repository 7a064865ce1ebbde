"""Admin screens for accounts, and the parts of the admin that each user sees."""
