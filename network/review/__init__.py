"""Review of requests to join and of profile texts by the team."""
