"""Pages of campaigns, news and toolkits: their models, lists, home page highlights and embargo."""
