"""Data that comes with the software, snapshots of the database, and what long commands show of their progress."""
