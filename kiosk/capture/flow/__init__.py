"""What the station does next, as tables: one file for each stretch of the way."""
