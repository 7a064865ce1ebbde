from users import roles


def keep_roles() -> None:
    """Sync the roles with what is new, such as translators for a new language or editors for a new page tree.

    Raises LookupError if a role names something that does not exist.
    """
    if missing := roles.sync().missing:
        raise LookupError("; ".join(missing))
