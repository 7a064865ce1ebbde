"""Publications that members show on their profile."""
