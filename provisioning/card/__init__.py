"""Writes what a freshly imaged card needs to become a station by itself.

``kiosk provision card``: docs/technician.md says how, docs/decisions/0065 why.
"""
