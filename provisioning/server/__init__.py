"""The clinic server's drop box: made on a real server, or thrown away after a demonstration."""

from provisioning.server.throwaway import ThrowawayServer

__all__ = ["ThrowawayServer"]
