"""The voice that the configuration names: none, or the speech synthesiser espeak-ng.

Each sentence is a child process of its own, because breaking it off is then certain and at once.
The next one starts when the one before has let go of the sound device.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Final

from kiosk import config
from kiosk.capture.hardware.interfaces import Voice
from kiosk.capture.hardware.press_queue import Clock
from kiosk.errors import VoiceError

PROGRAM: Final = "espeak-ng"

MUTE: Final = (
    "The voice cannot speak: say the instructions yourself, and check the loudspeaker ({why})."
)
"""For whoever stands beside the patient; ``why`` is for the technician."""

_WORDS_A_MINUTE: Final = "150"
"""espeak-ng's own 175 is quick for somebody who is to do at once what is said."""

_UTF8: Final = "1"
"""Whatever the locale of the service is."""

_HUNG_NS: Final = 20_000_000_000
"""Speech of which nothing came to its end for as long does not get out of the loudspeaker …"""

_DOUBT_NS: Final = 12_000_000_000
"""… and after this a sentence is no longer broken off by the next: it is to show that it ends, for
which the rest is enough. Without that a program that hangs could not be told from one whose
sentences the patient overtakes."""

_KEPT_BYTES: Final = 65_536
"""Of what the program complains: what a pipe holds."""

_ASK_S: Final = 10.0
_CLOSE_S: Final = 1.0


class SilentVoice:
    """Says nothing, without fail."""

    def say(self, text: str) -> None:
        pass

    def speaking(self) -> bool:
        return False

    def silence(self) -> None:
        pass

    def attend(self) -> None:
        pass

    def fault(self) -> str:
        return ""

    def close(self) -> None:
        pass


class EspeakVoice:
    """Speaks through espeak-ng.

    Args:
        program: espeak-ng.
        language: of the sentences, such as ``en-gb``; a name of ``espeak-ng --voices``.
        clock: ``time.monotonic_ns``, or a test's own.
        options: more options of espeak-ng, such as another device.
        output: what the program writes to, as for ``subprocess``; speech itself does not.
    """

    def __init__(
        self,
        program: Path,
        language: str,
        clock: Clock,
        options: tuple[str, ...] = (),
        output: int | IO[bytes] = subprocess.DEVNULL,
    ) -> None:
        self._command = (
            *(str(program), "-b", _UTF8, "-v", language, "-s", _WORDS_A_MINUTE),
            *(*options, "--"),
        )
        self._clock = clock
        self._output = output
        self._child: subprocess.Popen[bytes] | None = None
        self._began_ns = 0
        self._overtaken_ns = 0
        self._broken_off = False
        self._next: str | None = None
        self._fault = ""
        self._closed = False

    def say(self, text: str) -> None:
        self._next = text
        if self._without_end_ns() < _DOUBT_NS:
            self._break_off()
        self.attend()

    def speaking(self) -> bool:
        spoken = self._child is not None and not self._broken_off
        return not self._closed and (spoken or self._next is not None)

    def silence(self) -> None:
        self._next = None
        self._break_off()

    def attend(self) -> None:
        self._look_after_child()
        if self._child is None and self._next is not None and not self._closed:
            text, self._next = self._next, None
            self._start(text)

    def fault(self) -> str:
        return self._fault

    def close(self) -> None:
        self._closed = True
        self.silence()
        if self._child is not None:
            try:
                self._child.wait(_CLOSE_S)
            except subprocess.TimeoutExpired:
                # Killed, but held by the sound device's driver; it ends with that.
                return
            self._look_after_child()

    def _start(self, text: str) -> None:
        try:
            self._child = subprocess.Popen(  # noqa: S603 - a list, and the text comes after "--"
                (*self._command, text.replace("\0", " ")),
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            self._fault = MUTE.format(why=f"{self._command[0]}: {error.strerror}")
            return
        self._began_ns, self._broken_off = self._clock(), False

    def _break_off(self) -> None:
        if self._child is not None and not self._broken_off:
            self._child.kill()
            self._broken_off = True

    def _look_after_child(self) -> None:
        child = self._child
        if child is None:
            return
        if child.poll() is None:
            if self._without_end_ns() > _HUNG_NS:
                self._fault = MUTE.format(why=f"{PROGRAM} does not end, no sound is taken")
                self._break_off()
            return
        if self._broken_off and child.returncode == -signal.SIGKILL:
            self._overtaken_ns = min(self._without_end_ns(), _DOUBT_NS)
        else:
            self._overtaken_ns = 0
            self._fault = _trouble(child.returncode, _words_of(child))
        self._release(child)

    def _without_end_ns(self) -> int:
        """Return for how long has been spoken since a sentence last came to its end."""
        present = 0 if self._child is None else self._clock() - self._began_ns
        return self._overtaken_ns + present

    def _release(self, child: subprocess.Popen[bytes]) -> None:
        if child.stderr is not None:
            child.stderr.close()
        self._child = None


def open_voice(section: config.Guide, language: str, clock: Clock) -> Voice:
    """Open the voice that this section names; there is no falling back to silence.

    Args:
        section: decides by ``voice`` alone.
        language: of the sentences.
        clock: ``time.monotonic_ns``, or a test's own.

    Raises:
        VoiceError: the program is not installed, does not answer or does not know the language.
    """
    if section.voice == "off":
        return SilentVoice()
    found = shutil.which(PROGRAM)
    if found is None:
        raise VoiceError(
            f'guide.voice is "{PROGRAM}", but that program is not installed; '
            f'run "apt install {PROGRAM}", or set guide.voice = "off"'
        )
    _ask(Path(found), language)
    return EspeakVoice(Path(found), language, clock)


def _ask(program: Path, language: str) -> None:
    """Have the program speak nothing in this language, once, at start."""
    try:
        done = subprocess.run(  # noqa: S603 - a list of our own words
            (str(program), "-q", "-v", language, "--", ""),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_S,
            check=False,
        )
    except OSError as error:
        raise VoiceError(f"guide.voice: {program} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise VoiceError(
            f"guide.voice: {program} did not answer within {_ASK_S:g} seconds; "
            'restart the station; if it says so again, set guide.voice = "off"'
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise VoiceError(f"guide.voice: {program} cannot speak {language!r}: {said}")


def _words_of(child: subprocess.Popen[bytes]) -> str:
    """Return what an ended program complained of."""
    if child.stderr is None:
        return ""
    # Not to the end of the pipe, which what the program started may hold for ever.
    os.set_blocking(child.stderr.fileno(), False)
    try:
        return os.read(child.stderr.fileno(), _KEPT_BYTES).decode(errors="replace")
    except BlockingIOError:
        return ""


def _trouble(code: int, said: str) -> str:
    """Return the sentence about a program that ended by itself, or empty text.

    Without a sound device espeak-ng speaks to nobody, says so and ends with 0; the sound library
    grumbles also where all is well.
    """
    complaint = re.search(r"^error: *(.+)$", said, re.IGNORECASE | re.MULTILINE)
    if code == 0 and complaint is None:
        return ""
    why = complaint[1] if complaint else f"it ended with {code}"
    return MUTE.format(why=f"{PROGRAM}: {why}")
