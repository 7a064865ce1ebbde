"""The URLconfs: one module for each door, which include those of the apps."""
