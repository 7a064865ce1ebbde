"""Pages of the admin on which the team reviews members."""
