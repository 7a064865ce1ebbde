"""The process that counts pages: what it hears, keeps in memory and writes at night, with noise."""
