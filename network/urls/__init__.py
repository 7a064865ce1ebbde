"""URLs of the network at the two sites, and those of the members' area."""
