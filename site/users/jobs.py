from users import roles


def keep_roles() -> None:
    """Give the roles what is new since the last time: a language and its translators, a tree and its editors.

    Raises LookupError where the table of roles names what does not exist.
    """
    if missing := roles.sync().missing:
        raise LookupError("; ".join(missing))
