"""Results of campaigns by channel, as tables in the admin and as open data."""
