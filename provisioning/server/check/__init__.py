"""Proving a server: a throw-away station is made on it, and its key is used as a thief would."""
