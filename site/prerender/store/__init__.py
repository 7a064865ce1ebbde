"""The folder of prerendered files: atomic replacement, repair, locks, and the folders of other machines."""
