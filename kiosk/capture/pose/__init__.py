"""Measures how a head or a body is held, from a picture; see docs/decisions/0085-pose.md."""
