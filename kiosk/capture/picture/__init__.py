"""From a frame in memory to the bytes of a JPEG file."""
