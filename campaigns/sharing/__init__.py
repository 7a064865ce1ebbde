"""Representations of campaign pages on other sites: share cards, oEmbed descriptions, schema.org data."""
