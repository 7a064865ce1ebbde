"""Launches: one go-live time for all languages of a campaign, the plan in the admin, the preflight check and the letters."""
