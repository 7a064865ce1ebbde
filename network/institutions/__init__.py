"""Institutions of the Research Organization Registry (ROR): its dump, and members' places of work."""
