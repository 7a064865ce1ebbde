"""Opportunities: needs and offers of members, matching them, and their outcomes."""
