"""The one place where the apps' addresses meet: one module for each door."""
