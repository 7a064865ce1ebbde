"""Screens of the admin that several apps share: unpublishing with a second person, the search, the report of files."""
