"""Working groups of members."""
