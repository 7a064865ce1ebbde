"""Upgrading: from one version of the software to the next while the earlier one answers and prints."""
