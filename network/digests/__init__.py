"""Research digests and worksheets, and their handouts (PDF)."""
