"""Feeds, the calendar of days of action, and the page that lists them."""
