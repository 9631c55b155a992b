"""What lies over a face is learnt from rendered heads and hands."""
