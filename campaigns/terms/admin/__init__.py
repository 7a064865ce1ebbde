"""The terminology checker in the admin: the list of terms, decisions about flagged terms, reports."""
