"""A process that fails in the way that it is told; run by test_guarded.py.

Arguments: the way to fail, and a secret that it works on and that must not be shown.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from kiosk.errors import ConfigError, StorageFull
from kiosk.service import configure_journal, guarded


def ours(_secret: str) -> int:
    raise StorageFull("The disk of this station is full: press continue when there is room.")


def configuration(_secret: str) -> int:
    raise ConfigError("/etc/kiosk/station.toml: pedal.pin: expected a pin")


def foreign(secret: str) -> int:
    patient = {"name": secret}
    return int(patient["name"])


def foreign_in_thread(secret: str) -> int:
    thread = threading.Thread(target=foreign, args=(secret,))
    thread.start()
    thread.join()
    return 0


def foreign_at_exit(secret: str) -> int:
    atexit.register(foreign, secret)
    return 0


class Grave:
    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __del__(self) -> None:
        foreign(self.secret)


def foreign_in_del(secret: str) -> int:
    Grave(secret)
    return 0


def logged(secret: str) -> int:
    logging.getLogger("kiosk.test").info("%d pictures of %s", 3, secret)
    logging.getLogger("paramiko.transport").info("connected as %s", secret)
    logging.getLogger("paramiko.transport").warning("lost %s", secret)
    logging.getLogger("kiosk.test").debug("not shown")
    try:
        foreign(secret)
    except ValueError:
        logging.getLogger("kiosk.test").exception("reading failed")
    return 0


def warned(secret: str) -> int:
    import warnings  # noqa: PLC0415

    warnings.warn(secret, RuntimeWarning, stacklevel=1)
    return 0


def interrupted(_secret: str) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    signal.pause()
    return 0


def terminated_twice(_secret: str) -> int:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        os.write(1, b"finished\n")
    return 0


def thread_that_exits(_secret: str) -> int:
    thread = threading.Thread(target=sys.exit, args=(1,))
    thread.start()
    thread.join()
    return 0


def fine(_secret: str) -> int:
    return 0


WAYS: dict[str, Callable[[str], int]] = {
    way.__name__: way
    for way in (
        ours,
        configuration,
        foreign,
        foreign_in_thread,
        foreign_at_exit,
        foreign_in_del,
        logged,
        warned,
        interrupted,
        terminated_twice,
        thread_that_exits,
        fine,
    )
}


def main() -> int:
    configure_journal("kiosk-test")
    return WAYS[sys.argv[1]](sys.argv[2])


if __name__ == "__main__":
    code = guarded(main)
    print("returned", code, flush=True)
    sys.exit(code)
