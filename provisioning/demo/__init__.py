"""A throw-away clinic with one station of simulated hardware, to see the whole job at work."""
