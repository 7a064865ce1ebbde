"""Unpublishing, deleting and moving pages, by one person or by two, with a reason."""
