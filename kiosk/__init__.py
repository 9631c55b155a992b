"""Capture Station: comparable, protected photographs for aesthetic clinics."""

__version__ = "0.1.0"
