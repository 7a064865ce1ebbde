"""Registry of practices: records, codes, the public list, and their table."""
