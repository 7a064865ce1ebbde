"""Partners: their records, activities, reports and certificates, and the area behind their secret link."""
