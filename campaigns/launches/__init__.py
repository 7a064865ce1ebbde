"""Launches: one hour for all languages of a campaign, the plan in the admin, the preflight check and the letters."""
