"""Members: their record, its view for each audience (`profiles`), and the pages for their own profile."""
