"""Requests to join the network, until they are confirmed or expire."""
