"""What the admin shows of prerendered pages."""
