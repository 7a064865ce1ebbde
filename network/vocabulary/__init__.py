"""Vocabulary of the network: the table of details of a member (`details`), and the categories."""
