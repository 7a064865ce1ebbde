"""Open data of the network: the API, its lists, feeds and linked data."""
