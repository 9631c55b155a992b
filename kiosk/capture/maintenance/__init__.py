"""What a technician looks at and tries at the station itself; knows nothing of patients."""
