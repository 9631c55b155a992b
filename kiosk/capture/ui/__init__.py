"""Screens: pure drawing from one frozen model; nothing here decides what happens next."""
