"""One small real act of each library of a station, by the Python that imports it.

    python arm64_acts.py NAME PICTURE

prints what came of it as JSON; the picture is a screen with one face on it. Copied into a tree and
run there by the station's own Python, an act a process: a library of the wrong machine ends its own
process and no other.
"""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
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
    library = import_module("bcrypt")
    return library.checkpw(WORDS, library.hashpw(WORDS, library.gensalt(4)))


def cffi() -> object:
    functions = import_module("cffi").FFI()
    functions.cdef("int abs(int);")
    return functions.dlopen(None).abs(-3)


def colorzero() -> object:
    return import_module("colorzero").Color("red").html


def cryptography() -> object:
    """Seal and open with the program's own envelope, by post-quantum keys."""
    seal = import_module("kiosk.envelope.seal")
    identity = import_module("kiosk.envelope.recipients").generate_identity()
    sealed = io.BytesIO()
    with seal.SealingWriter(sealed.write, [identity.recipient()]) as writer:
        writer.write(WORDS)
    sealed.seek(0)
    return seal.open_sealed(sealed, [identity]).read().decode("ascii")


def gpiozero() -> object:
    mock = import_module("gpiozero.pins.mock")
    with mock.MockFactory(pin_class=mock.MockPWMPin) as factory:
        lamp = import_module("gpiozero").PWMLED(12, pin_factory=factory)
        lamp.value = 0.25
        return lamp.value


def invoke() -> object:
    return import_module("invoke.context").Context().run("true", hide=True).ok


def msgspec() -> object:
    json_ = import_module("msgspec").json
    return json_.decode(json_.encode({"view": "frontal"}), type=dict[str, str])


def numpy() -> object:
    library = import_module("numpy")
    return library.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 8.0]).tolist()


def opencv_python_headless() -> object:
    """How sure the shipped YuNet is of each face in the picture, by the program's own detector."""
    detector = import_module("kiosk.capture.pose.detector").FaceDetector()
    picture = import_module("cv2").imread(sys.argv[2])
    return [round(face.score, 1) for face in detector.find(picture)]


def paramiko() -> object:
    """Sign as the program does to log in, and look at it as a server does, by the public half."""
    library = import_module("paramiko")
    forms = import_module("cryptography.hazmat.primitives.serialization")
    made = import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
    text = made.Ed25519PrivateKey.generate().private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption()
    )
    key = library.Ed25519Key.from_private_key(io.StringIO(text.decode("ascii")))
    signed = library.Message(key.sign_ssh_data(WORDS).asbytes())
    return library.Ed25519Key(data=key.asbytes()).verify_ssh_sig(WORDS, signed)


def pycparser() -> object:
    return import_module("pycparser.c_parser").CParser().parse("int width;").ext[0].name


def pynacl() -> object:
    key = import_module("nacl.signing").SigningKey.generate()
    return key.verify_key.verify(key.sign(WORDS)).decode("ascii")


def segno() -> object:
    make = import_module("segno").make
    return make("kiosk-01", error="m", micro=False, boost_error=False).designator


def setuptools() -> object:
    return bool(import_module("setuptools").__version__)


def simplejpeg() -> object:
    """How far a grey picture is from itself after it was a JPEG, in steps of 255."""
    library, array = import_module("simplejpeg"), import_module("numpy")
    grey = array.full((48, 64, 3), 127, array.uint8)
    again = library.decode_jpeg(library.encode_jpeg(grey, 95, "BGR"), "BGR")
    return int(abs(again.astype(int) - grey).max())


def zxing_cpp() -> object:
    array = import_module("numpy")
    code = import_module("segno").make("kiosk-01", micro=False)
    dark = array.array(list(code.matrix_iter(scale=8, border=4)), bool)
    picture = array.where(dark, 0, 255).astype(array.uint8)
    return [code.text for code in import_module("zxingcpp").read_barcodes(picture)]


def evdev() -> object:
    codes = import_module("evdev.ecodes")
    return codes.KEY[codes.KEY_SPACE]


def pygame() -> object:
    """Draw without a screen, and read a pixel back."""
    os.environ |= {"SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    library = import_module("pygame")
    library.display.init()
    screen = library.display.set_mode((64, 48))
    library.draw.rect(screen, (10, 200, 30), (8, 8, 16, 16))
    library.display.flip()
    return list(screen.get_at((12, 12)))[:3]


def systemd() -> object:
    return import_module("systemd.daemon").notify("READY=1")


def program() -> object:
    command = [str(Path(sys.executable).with_name("kiosk")), "--version"]
    return subprocess.run(command, capture_output=True, check=True).returncode


LIBRARIES: Final[dict[str, tuple[Callable[[], object], object]]] = {
    "bcrypt": (bcrypt, True),
    "cffi": (cffi, 3),
    "colorzero": (colorzero, "#ff0000"),
    "cryptography": (cryptography, "a picture"),
    "gpiozero": (gpiozero, 0.25),
    "invoke": (invoke, True),
    "msgspec": (msgspec, {"view": "frontal"}),
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
