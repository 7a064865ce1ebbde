"""Members: their record, what each audience sees of it (`profiles`), and the pages on which members keep their own profile."""
