"""The screen of a station that is not enrolled yet: no lamp, no patient, no picture is kept."""
