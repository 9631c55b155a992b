"""Codes held to the camera or typed by a reader: read as texts, never executed or followed."""
