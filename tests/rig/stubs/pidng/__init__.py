"""Stands in for the raw-file writer that picamera2 imports and the rig never calls."""
