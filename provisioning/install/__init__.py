"""Makes a Capture Station of a machine with Debian or Raspberry Pi OS.

Run as ``python3 -m provisioning.install``. Standard library alone, as it runs before anything else
is there. Every step says first what is missing and does only that, so that a second run changes
nothing.
"""
