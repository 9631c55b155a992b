"""What is being filled in on a screen, as values: each touch makes a new one."""
