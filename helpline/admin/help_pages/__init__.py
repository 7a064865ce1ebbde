"""What staff do with help pages: decide on them as a second person, and keep an eye on them."""
