"""The durable queue of sealed objects between the capture and the upload process.

One directory, two kinds of names, and one owner for each file at any time:

    <32 hex digits>.part   being written; the capture process's alone, which holds its lock
    <32 hex digits>.age    whole and durable; the upload process's alone once the lock is let go

The writer keeps an exclusive lock (flock) on the file's inode from its creation until the
directory's sync has returned. Thus a file that got its final name, but of which it is not certain
yet that it stays, is not touched by the reader; and a leftover can be told from a file in the
making. Names are random and times constant: neither tells anything of a patient. What the kernel
alone sets, the change time, remains, and gives the queue its order. docs/decisions/0020 to 0022.

The folders ``recall``, ``inbox`` and ``sent`` in it are no part of the queue: see the modules of
these names.
"""

from kiosk.spool.queue import Backlog, Entry, Spool
from kiosk.spool.writer import Writer

__all__ = ["Backlog", "Entry", "Spool", "Writer"]
