"""The addresses of campaigns at the two sites."""
