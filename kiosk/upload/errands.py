"""Several errands as one, for the uploader."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.upload.uploader import Errands, Session


class Several:
    """Does each errand that is due, in their order."""

    def __init__(self, errands: Sequence[Errands]) -> None:
        self._errands = errands

    def due(self) -> bool:
        return any(errand.due() for errand in self._errands)

    def run(self, session: Session) -> bool:
        """Do what is due; False, and nothing more, when the session is of no use any more.

        Raises:
            UploadError: the connection broke.
        """
        return all(errand.run(session) for errand in self._errands if errand.due())
