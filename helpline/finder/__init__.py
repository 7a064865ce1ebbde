"""What the public touches: the finder's rows, choices, crisis lines and style sheet. Pure: no request, no clock, no queries."""
