"""Pages of campaigns, news and toolkits: how they are written, listed and shown on the home page, and when they are public."""
