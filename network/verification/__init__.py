"""Verification that a member belongs to the field: addresses, links, nominations and ORCID."""
