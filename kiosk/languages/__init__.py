"""The languages of the station: catalogues of translated words, and how they are filled in."""
