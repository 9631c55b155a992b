"""Our end of the agent inside a machine."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.vm.machine import Machine, MachineError

BOOT_S = 240.0
"""The longest that the emulated machine may take from power to its agent, seconds."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command inside answered."""

    code: int
    out: str
    err: str


class Guest:
    """Asks the agent inside; made once it answers.

    Raises:
        MachineError: it does not within ``BOOT_S``, or the machine ended.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._channel = machine.connect("agent")
        self._pending = b""
        try:
            self._read(BOOT_S)
        except MachineError:
            self._channel.close()
            raise

    def ask(self, *command: str, stdin: str = "", timeout_s: float = 120.0) -> Said:
        """Run a command as root and return what came of it."""
        told = self._exchange(
            {"command": command, "input": stdin, "timeout": timeout_s}, timeout_s + 60
        )
        return Said(told["code"], told["out"], told["err"])

    def run(self, *command: str, stdin: str = "", timeout_s: float = 120.0) -> str:
        """The same for commands that must work.

        Raises:
            MachineError: it ended with another code than 0.
        """
        said = self.ask(*command, stdin=stdin, timeout_s=timeout_s)
        if said.code:
            raise MachineError(f"{' '.join(command)}: code {said.code}: {said.out}{said.err}")
        return said.out

    def write(self, path: str, content: str, mode: int = 0o644) -> None:
        """Put a file into the machine."""
        self.run(
            "sh", "-c", 'cat > "$1" && chmod "$2" "$1"', "sh", path, f"{mode:o}", stdin=content
        )

    def feel(self, device: str, events: Sequence[tuple[int, int, int]]) -> None:
        """Send events of one of the agent's input devices; type -1 waits, milliseconds."""
        self._exchange({"device": device, "events": events}, 60)

    def close(self) -> None:
        self._channel.close()

    def _exchange(self, request: dict[str, object], patience_s: float) -> dict[str, Any]:
        self._channel.settimeout(patience_s)
        try:
            self._channel.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise MachineError(f"the agent's channel broke: {error}") from error
        return self._read(patience_s)

    def _read(self, patience_s: float) -> dict[str, Any]:
        deadline = time.monotonic() + patience_s
        self._channel.settimeout(1.0)
        while b"\n" not in self._pending:
            try:
                octets = self._channel.recv(65536)
            except TimeoutError:
                self._machine.require_alive()
                if time.monotonic() > deadline:
                    raise MachineError(
                        f"the agent did not answer within {patience_s:.0f} s"
                    ) from None
                continue
            except OSError as error:
                raise MachineError(f"the agent's channel broke: {error}") from error
            if not octets:
                self._machine.require_alive()
                raise MachineError("QEMU closed the agent's channel")
            self._pending += octets
        line, _, self._pending = self._pending.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told
