"""Results: what a campaign brought, by channel, as tables in the admin and as open data."""
