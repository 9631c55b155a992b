"""Makes a new station known to the clinic's server, by a one-time code.

The bench that writes the card makes the code, the server learns its public half, the station is
told the code itself. No server's program and no open port is needed beyond the SSH server that is
there: docs/decisions/0066.
"""
