"""The support bundle: what a technician hands on, checked to hold nothing of a person.

Collected by allow-list, and looked through once more before it is written. docs/decisions/0067.
"""
