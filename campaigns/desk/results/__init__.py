"""What staff see of the results of campaigns: the list, the totals, and the table that is taken out and brought back."""
