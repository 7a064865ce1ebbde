"""Rights of a member over their data: the export of all of it, and erasures that survive a restored backup."""
