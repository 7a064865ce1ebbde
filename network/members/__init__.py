"""Members: their record, its view for each audience (`profiles`), and the pages on which members maintain their
profile.
"""
