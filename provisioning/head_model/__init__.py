"""Builds the head model that the station measures heads with; see docs/decisions/0086."""
