"""Directory of members: its page, filters, counts and search, for the public and for members."""
