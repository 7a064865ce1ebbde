"""What staff see of the terminology guard: the list of terms, the page that asks about words, the checks in the editor, the report."""
