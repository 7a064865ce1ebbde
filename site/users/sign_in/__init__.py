"""Signing in: codes, passkeys, second factors, sessions, and the limits on guessing."""
