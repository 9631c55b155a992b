"""One small real act of each library of a station, by the Python that imports it.

    python arm64_acts.py NAME PICTURE

prints what came of it as JSON; the picture is a screen with one face on it. Copied into a tree and
run there by the station's own Python, an act a process: a library of the wrong machine ends its own
process and no other.
"""
# ruff: noqa: PLC0415 - an act imports its own library and nobody else's

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

WORDS: Final = b"a picture"


def machines_of_the_libraries() -> object:
    """The machine in the header of every shared library of the environment (ELF, ``e_machine``)."""
    libraries = Path(sys.prefix).rglob("*.so*")
    heads = [path.read_bytes()[:20] for path in libraries if not path.is_symlink()]
    return sorted(
        {int.from_bytes(head[18:20], "little") for head in heads if head[:4] == b"\x7fELF"}
    )


def bcrypt() -> object:
    import bcrypt

    return bcrypt.checkpw(WORDS, bcrypt.hashpw(WORDS, bcrypt.gensalt(4)))


def cffi() -> object:
    from cffi import FFI

    functions = FFI()
    functions.cdef("int abs(int);")
    return functions.dlopen(None).abs(-3)


def colorzero() -> object:
    from colorzero import Color

    return Color("red").html


def cryptography() -> object:
    """Seal and open with the program's own envelope, by post-quantum keys."""
    from kiosk.envelope.recipients import generate_identity
    from kiosk.envelope.seal import SealingWriter, open_sealed

    identity = generate_identity()
    sealed = io.BytesIO()
    with SealingWriter(sealed.write, [identity.recipient()]) as writer:
        writer.write(WORDS)
    sealed.seek(0)
    return open_sealed(sealed, [identity]).read().decode("ascii")


def gpiozero() -> object:
    from gpiozero import PWMLED
    from gpiozero.pins.mock import MockFactory, MockPWMPin

    with MockFactory(pin_class=MockPWMPin) as factory, PWMLED(12, pin_factory=factory) as lamp:
        lamp.value = 0.25
        return lamp.value


def invoke() -> object:
    from invoke.context import Context

    return Context().run("true", hide=True).ok


def msgspec() -> object:
    import msgspec

    class Shot(msgspec.Struct):
        view: str

    return msgspec.json.decode(msgspec.json.encode(Shot("frontal")), type=Shot).view


def numpy() -> object:
    import numpy as np

    return np.linalg.solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 8.0])).tolist()


def opencv_python_headless() -> object:
    """How sure the shipped YuNet is of each face in the picture, by the program's own detector."""
    import cv2

    from kiosk.capture.pose.detector import FaceDetector

    picture = cv2.imread(sys.argv[2])
    assert picture is not None
    return [round(face.score, 1) for face in FaceDetector().find(picture)]


def paramiko() -> object:
    """Sign as the program does to log in, and look at it as a server does, by the public half."""
    import paramiko
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(text.decode("ascii")))
    signed = paramiko.Message(key.sign_ssh_data(WORDS).asbytes())
    return paramiko.Ed25519Key(data=key.asbytes()).verify_ssh_sig(WORDS, signed)


def pycparser() -> object:
    from pycparser.c_parser import CParser

    return CParser().parse("int width;").ext[0].name


def pynacl() -> object:
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    return key.verify_key.verify(key.sign(WORDS)).decode("ascii")


def segno() -> object:
    import segno

    return segno.make("kiosk-01", error="m", micro=False, boost_error=False).designator


def setuptools() -> object:
    import setuptools

    return bool(setuptools.__version__)


def simplejpeg() -> object:
    """How far a grey picture is from itself after it was a JPEG, in steps of 255."""
    import numpy as np
    import simplejpeg

    grey = np.full((48, 64, 3), 127, np.uint8)
    again = simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(grey, 95, "BGR"), "BGR")
    return int(np.abs(again.astype(int) - grey).max())


def zxing_cpp() -> object:
    import numpy as np
    import segno
    import zxingcpp

    cells = segno.make("kiosk-01", micro=False).matrix_iter(scale=8, border=4)
    picture = np.array([[0 if dark else 255 for dark in row] for row in cells], np.uint8)
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def evdev() -> object:
    from evdev import ecodes

    return ecodes.KEY[ecodes.KEY_SPACE]


def pygame() -> object:
    """Draw without a screen, and read a pixel back."""
    os.environ |= {"SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    import pygame

    pygame.display.init()
    screen = pygame.display.set_mode((64, 48))
    pygame.draw.rect(screen, (10, 200, 30), (8, 8, 16, 16))
    pygame.display.flip()
    return list(screen.get_at((12, 12)))[:3]


def systemd() -> object:
    from systemd import daemon

    return daemon.notify("READY=1")


def program() -> object:
    command = [Path(sys.executable).with_name("kiosk"), "--version"]
    return subprocess.run(command, capture_output=True, check=True).returncode


LIBRARIES: Final[dict[str, tuple[Callable[[], object], object]]] = {
    "bcrypt": (bcrypt, True),
    "cffi": (cffi, 3),
    "colorzero": (colorzero, "#ff0000"),
    "cryptography": (cryptography, "a picture"),
    "gpiozero": (gpiozero, 0.25),
    "invoke": (invoke, True),
    "msgspec": (msgspec, "frontal"),
    "numpy": (numpy, [1.0, 2.0]),
    "opencv-python-headless": (opencv_python_headless, [0.9]),
    "paramiko": (paramiko, True),
    "pycparser": (pycparser, "width"),
    "pynacl": (pynacl, "a picture"),
    "segno": (segno, "1-M"),
    "setuptools": (setuptools, True),
    "simplejpeg": (simplejpeg, 0),
    "zxing-cpp": (zxing_cpp, ["kiosk-01"]),
}
"""By the name in the lock: the act, and what comes of it."""

ALSO: Final[dict[str, tuple[Callable[[], object], object]]] = {
    "Debian's evdev": (evdev, "KEY_SPACE"),
    "Debian's pygame": (pygame, [10, 200, 30]),
    # Nobody listens.
    "Debian's systemd": (systemd, False),
    "the program": (program, 0),
    "machine": (platform.machine, "aarch64"),
    # EM_AARCH64.
    "machine of the libraries": (machines_of_the_libraries, [183]),
}


def main() -> None:
    act, _ = {**LIBRARIES, **ALSO}[sys.argv[1]]
    print(json.dumps(act()))


if __name__ == "__main__":
    main()
