"""The end of a station: what the clinic does not have yet is taken along, the rest is wiped.

What is left is a certificate, signed with the station's own key. docs/decisions/0111.
"""
