"""Previews: what partners see of a campaign before its hour, by a secret link and without an account."""
