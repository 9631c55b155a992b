"""A far-away server on this machine: a relay that hands every byte on after a fixed time.

It runs as a process of its own, so that it takes no time from whom it is between. TCP ends at it,
so slow start and loss are not part of the picture; the bytes on their way are not limited.
``python -m tests.benchmarks.slow_link PORT SECONDS`` prints the port on which it listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def slow_link(port: int, seconds: float) -> Iterator[int]:
    """A port that leads to ``port``, ``seconds`` away each way; 0 gives ``port`` itself."""
    if not seconds:
        yield port
        return
    command = [sys.executable, "-m", "tests.benchmarks.slow_link", str(port), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def _serve(port: int, seconds: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        for end in (writer, far_writer):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(_pass(reader, far_writer, seconds), _pass(far_reader, writer, seconds))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter, late: float) -> None:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        while data := await source.read(262_144):
            loop.call_later(late, _write, target, data)
    loop.call_later(late, target.close)


def _write(target: asyncio.StreamWriter, data: bytes) -> None:
    if not target.is_closing():
        target.write(data)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
