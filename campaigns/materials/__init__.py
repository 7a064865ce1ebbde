"""Materials for download: their files and texts, the library, kits, the catalogue of open materials."""
