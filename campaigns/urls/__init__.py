"""URLs of campaigns on both sites."""
