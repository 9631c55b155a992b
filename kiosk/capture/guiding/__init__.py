"""Puts measuring, directing and speaking together for the loop; see docs/decisions/0089."""
