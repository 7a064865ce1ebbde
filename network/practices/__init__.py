"""Registry of practices: records, codes, the evidence of their effects, the public list, and their table."""
