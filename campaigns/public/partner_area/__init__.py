"""What a partner sees and hands in behind its link: at the desk's host, without an account, and without a trace of who opened it."""
