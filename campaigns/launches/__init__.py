"""Launches: one go-live time for all languages of a campaign, the launch plan, the preflight check and the emails."""
