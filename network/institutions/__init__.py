"""Institutions of the Research Organization Registry (ROR): its dump, and how members name their place of work."""
