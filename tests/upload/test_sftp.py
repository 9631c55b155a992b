"""The connection, against a real sshd and against servers that are not what they should be."""

from __future__ import annotations

import base64
import io
import os
import socket
import stat
import threading
import time
from pathlib import Path

import msgspec
import paramiko
import pytest

from kiosk.config import Upload
from kiosk.errors import (
    ConfigError,
    LoginRefused,
    ServerIdentityChanged,
    ServerUnreachable,
    StorageFailed,
    TransferRefused,
    TransferTimeout,
)
from kiosk.upload import sftp
from kiosk.upload.link import Limits, Stopped
from kiosk.upload.sftp import CIPHERS, DropBox, window_for
from kiosk.upload.transfer import CHUNK, Job
from provisioning.server import ThrowawayServer
from tests.upload.conftest import QUICK, Rig, key_line, keygen, upload_to
from tests.upload.faulty_server import Act


def go_on() -> bool:
    return False


def job(name: str, content: bytes) -> Job:
    return Job(name, len(content), lambda: io.BytesIO(content))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3_000_001])
def test_a_file_arrives_whole_under_its_name(
    sshd: ThrowawayServer, drop_box: Upload, size: int
) -> None:
    content = os.urandom(size)
    with DropBox.connect(drop_box, go_on) as box:
        assert box.push(io.BytesIO(content), size, "a.age") == "a.age"
    (arrived,) = sshd.collected()
    assert (arrived.name, arrived.read_bytes()) == ("a.age", content)
    assert [p.name for p in sshd.path.iterdir()] == ["a.age"], "a temporary file was left"


def test_many_files_go_through_one_session(sshd: ThrowawayServer, drop_box: Upload) -> None:
    contents = {f"{n:02}.age": os.urandom(n * 20_000) for n in range(30)}
    jobs = iter([job(name, data) for name, data in contents.items()])
    with DropBox.connect(drop_box, go_on) as box:
        outcomes = list(box.push_all(lambda: next(jobs, None)))
    assert {o.arrived_as for o in outcomes} == contents.keys()
    assert {p.name: p.read_bytes() for p in sshd.collected()} == contents


def test_a_taken_name_is_never_overwritten(sshd: ThrowawayServer, drop_box: Upload) -> None:
    with DropBox.connect(drop_box, go_on) as box:
        first = box.push(io.BytesIO(b"first"), 5, "a.age")
        second = box.push(io.BytesIO(b"second"), 6, "a.age")
    assert first == "a.age" != second
    assert {p.name: p.read_bytes() for p in sshd.collected()} == {
        first: b"first",
        second: b"second",
    }


def test_a_file_that_is_shorter_than_said_does_not_arrive(
    sshd: ThrowawayServer, drop_box: Upload
) -> None:
    with DropBox.connect(drop_box, go_on) as box, pytest.raises(StorageFailed, match="ended after"):
        box.push(io.BytesIO(b"short"), 100_000, "a.age")
    assert sshd.collected() == []


def test_new_keys_are_agreed_on_in_the_middle_of_a_file(
    sshd: ThrowawayServer, drop_box: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paramiko.packet.Packetizer, "REKEY_BYTES", 1_000_000)
    content = os.urandom(5_000_000)
    with DropBox.connect(drop_box, go_on) as box:
        box.push(io.BytesIO(content), len(content), "a.age")
    assert [p.read_bytes() for p in sshd.collected()] == [content]


def test_the_preferred_cipher_is_agreed_on(drop_box: Upload) -> None:
    with DropBox.connect(drop_box, go_on) as box:
        assert box._transport.remote_cipher == CIPHERS[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="reading the owner's modes needs root's server")
def test_what_arrived_cannot_be_read_by_its_sender(sshd: ThrowawayServer, drop_box: Upload) -> None:
    with DropBox.connect(drop_box, go_on) as box:
        box.push(io.BytesIO(b"x"), 1, "a.age")
    if sshd.isolation != "chroot and own accounts":
        pytest.skip(sshd.isolation)
    assert stat.S_IMODE(sshd.collected()[0].stat().st_mode) == 0o040


def test_another_host_key_of_the_same_type(
    sshd: ThrowawayServer, drop_box: Upload, host_keys: dict[str, paramiko.PKey]
) -> None:
    other = host_keys["other"]
    wrong = msgspec.structs.replace(drop_box, host_key=key_line(other))
    shown = paramiko.PKey.from_type_string(*_parts(sshd.host_key)).fingerprint
    with pytest.raises(ServerIdentityChanged) as caught:
        DropBox.connect(wrong, go_on)
    assert shown in caught.value.sentence
    assert other.fingerprint in caught.value.sentence


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_a_host_key_of_another_type(
    drop_box: Upload, host_keys: dict[str, paramiko.PKey], kind: str
) -> None:
    """The server is asked for the pinned type alone and has none."""
    wrong = msgspec.structs.replace(drop_box, host_key=key_line(host_keys[kind]))
    with pytest.raises(ServerIdentityChanged, match="pinned type") as caught:
        DropBox.connect(wrong, go_on)
    assert host_keys[kind].fingerprint in caught.value.sentence


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_a_pinned_key_of_each_kind(
    rig: Rig, host_keys: dict[str, paramiko.PKey], kind: str
) -> None:
    rig.server.host_key = host_keys[kind]
    rig.upload = msgspec.structs.replace(rig.upload, host_key=key_line(host_keys[kind]))
    rig.spool.fill(b"picture")
    rig.drain()
    assert list(rig.server.disk.finals().values()) == [b"picture"]


def test_nothing_is_sent_to_a_server_with_another_key(
    rig: Rig, host_keys: dict[str, paramiko.PKey]
) -> None:
    """The identity changes, and after a while it is the right one again: the queue drains."""
    right = rig.server.host_key
    rig.server.host_key = host_keys["other"]
    rig.spool.fill(b"picture")

    def put_right() -> None:
        if rig.clock.waits == 700:
            assert rig.server.logins == 0
            assert rig.server.requests == []
            assert "ask the clinic's IT" in rig.clock.statuses[-1]
            rig.server.host_key = right

    rig.clock.on_wait = put_right
    rig.drain()
    assert list(rig.server.disk.finals().values()) == [b"picture"]


def test_a_key_that_the_server_does_not_know(drop_box: Upload, tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(drop_box, key=keygen(tmp_path / "stranger"))
    with pytest.raises(LoginRefused, match="does not accept this station's key"):
        DropBox.connect(wrong, go_on)


def test_a_user_that_the_server_does_not_know(drop_box: Upload) -> None:
    with pytest.raises(LoginRefused):
        DropBox.connect(msgspec.structs.replace(drop_box, user="nobody-here"), go_on)


def test_keys_of_an_agent_or_of_the_user_are_not_tried(
    sshd: ThrowawayServer, drop_box: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right key lies where an SSH client would look for it; the configured one is wrong."""
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "id_ed25519").write_bytes(sshd.client_key.read_bytes())
    (folder / "id_ed25519").chmod(0o600)
    (folder / "config").write_text(f"Host *\n  IdentityFile {sshd.client_key}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    wrong = msgspec.structs.replace(drop_box, key=keygen(tmp_path / "stranger"))
    with pytest.raises(LoginRefused):
        DropBox.connect(wrong, go_on)


@pytest.mark.parametrize("text", ["", "not a key", "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_a_key_file_that_is_none(drop_box: Upload, tmp_path: Path, text: str) -> None:
    key = tmp_path / "key"
    key.write_text(text)
    with pytest.raises(ConfigError, match=r"upload\.key"):
        DropBox.check(msgspec.structs.replace(drop_box, key=key))


def test_a_key_file_with_a_passphrase(drop_box: Upload, tmp_path: Path) -> None:
    key = keygen(tmp_path / "key")
    os.spawnlp(os.P_WAIT, "ssh-keygen", "ssh-keygen", "-q", "-p", "-N", "secret", "-f", str(key))
    with pytest.raises(ConfigError, match="unencrypted"):
        DropBox.check(msgspec.structs.replace(drop_box, key=key))


def test_nobody_listens(drop_box: Upload) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(ServerUnreachable, match="refused"):
        DropBox.connect(msgspec.structs.replace(drop_box, port=port), go_on)


def test_a_name_that_does_not_exist(drop_box: Upload) -> None:
    with pytest.raises(ServerUnreachable, match="cannot be reached"):
        DropBox.connect(msgspec.structs.replace(drop_box, host="server.invalid"), go_on)


@pytest.mark.parametrize("stop", [True, False])
def test_a_name_server_that_is_silent(
    drop_box: Upload, monkeypatch: pytest.MonkeyPatch, *, stop: bool
) -> None:
    """The pulse is felt meanwhile, and a connection made too late is closed."""
    go, late = threading.Event(), []
    genuine = socket.create_connection

    def slow(*args: object, **options: object) -> socket.socket:
        go.wait()
        late.append(genuine(*args, **options))  # type: ignore[arg-type]
        return late[0]

    monkeypatch.setattr(socket, "create_connection", slow)
    with pytest.raises(Stopped if stop else ServerUnreachable):
        DropBox.connect(drop_box, lambda: stop, Limits(connect=0.05, tick=0.01))
    (dial,) = [t for t in threading.enumerate() if t.name == "dial"]
    go.set()
    dial.join()
    assert late[0].fileno() == -1


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-tarpit\r\n"])
def test_something_that_listens_and_says_nothing_more(drop_box: Upload, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        thread = threading.Thread(target=_answer, args=(silent, greeting))
        thread.start()
        wrong = msgspec.structs.replace(drop_box, port=silent.getsockname()[1])
        with pytest.raises(ServerUnreachable, match="within"):
            DropBox.connect(wrong, go_on, Limits(connect=0.3, tick=0.05))
        thread.join()


def test_something_that_is_no_ssh_server(drop_box: Upload) -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        thread = threading.Thread(target=_answer, args=(web, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        thread.start()
        wrong = msgspec.structs.replace(drop_box, port=web.getsockname()[1])
        with pytest.raises(ServerUnreachable):
            DropBox.connect(wrong, go_on, QUICK)
        thread.join()


def test_a_server_that_stops_answering(rig: Rig) -> None:
    rig.server.plan = lambda asked: Act.STALL if asked.kind == "write" else None
    with (
        DropBox.connect(rig.upload, go_on, QUICK) as box,
        pytest.raises(TransferTimeout, match="has not answered"),
    ):
        box.push(io.BytesIO(b"x" * 1000), 1000, "a.age")


def test_a_transfer_that_never_stalls_but_never_ends(rig: Rig) -> None:
    """Each answer comes in time, all of them together do not."""
    limits = Limits(base=0.0, slowest=1e12, tick=0.05)
    with (
        DropBox.connect(rig.upload, go_on, limits) as box,
        pytest.raises(TransferTimeout, match="too long"),
    ):
        box.push(io.BytesIO(b"x" * 1_000_000), 1_000_000, "a.age")


def test_stopping_in_the_middle_of_a_file_leaves_it_in_the_spool(rig: Rig) -> None:
    rig.spool.fill(os.urandom(5_000_000))

    def stop() -> bool:
        return rig.server.requests.count("write") > 5

    entry = rig.spool.entries()[0]
    with (
        DropBox.connect(rig.upload, stop, QUICK) as box,
        rig.spool.open(entry.name) as source,
        pytest.raises(Stopped),
    ):
        box.push(source, entry.size, entry.name)
    assert rig.spool.entries() == [entry]
    assert rig.server.requests.count("write") < 5_000_000 // CHUNK
    assert rig.server.disk.finals() == {}


def test_stopping_while_the_server_is_silent(rig: Rig) -> None:
    rig.server.plan = lambda _asked: Act.STALL
    asked = 0

    def pulse() -> bool:
        nonlocal asked
        asked += 1
        return "stat" in rig.server.requests and asked > 20

    with (
        DropBox.connect(rig.upload, pulse, Limits(stall=60.0, tick=0.01)) as box,
        pytest.raises(Stopped),
    ):
        box.push(io.BytesIO(b"x"), 1, "a.age")


def test_the_pulse_is_felt_all_along_a_transfer(drop_box: Upload) -> None:
    beats = 0

    def pulse() -> bool:
        nonlocal beats
        beats += 1
        return False

    content = os.urandom(3_000_000)
    with DropBox.connect(drop_box, pulse) as box:
        before = beats
        box.push(io.BytesIO(content), len(content), "a.age")
    assert beats - before > 10


@pytest.mark.parametrize("stop", [False, True])
def test_a_server_that_stops_reading(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, *, stop: bool
) -> None:
    """The kernel's buffers fill and a send blocks: the library alone would wait for ever."""
    monkeypatch.setattr(sftp, "LARGEST_WINDOW", 1 << 30)
    monkeypatch.setattr(sftp, "LINE_RATE", 1e15)
    with socket.create_server(("127.0.0.1", 0)) as front:
        plug = _Plug(front, rig.server.port, after=500_000)
        plug.start()
        upload = msgspec.structs.replace(rig.upload, port=front.getsockname()[1])
        limits = Limits(stall=60.0 if stop else 0.5, tick=0.05)
        with DropBox.connect(upload, lambda: stop and plug.beats() > 5, limits) as box:
            box._channel.out_window_size = 1 << 30
            with pytest.raises(Stopped if stop else TransferTimeout):
                box.push(io.BytesIO(bytes(40_000_000)), 40_000_000, "a.age")
            assert box._link.verdict is not None, "the send never blocked"
        plug.finish()


def test_a_server_that_offers_no_sftp(rig: Rig) -> None:
    rig.server.subsystem = "other"
    with (
        pytest.raises(TransferRefused, match="before it spoke SFTP"),
        DropBox.connect(rig.upload, go_on) as box,
    ):
        box.push(io.BytesIO(b"x"), 1, "a.age")


def test_a_session_may_rest_between_files(rig: Rig) -> None:
    """Silence counts only while something is expected of the server."""
    with DropBox.connect(rig.upload, go_on, QUICK) as box:
        box.push(io.BytesIO(b"x"), 1, "a.age")
        box._heard -= 1000
        # Slower than a tick, so that the silence is judged, and well within the limit.
        rig.server.plan = lambda _asked: time.sleep(0.1)
        box.push(io.BytesIO(b"y"), 1, "b.age")
    assert rig.server.disk.finals() == {"a.age": b"x", "b.age": b"y"}


def test_a_folder_that_is_not_there(drop_box: Upload) -> None:
    wrong = msgspec.structs.replace(drop_box, folder="nowhere")
    with DropBox.connect(wrong, go_on) as box, pytest.raises(TransferRefused, match="no such file"):
        box.push(io.BytesIO(b"x"), 1, "a.age")


def test_the_window_follows_the_round_trip() -> None:
    assert window_for(0.0001) == 512 * 1024
    assert window_for(0.008) == 1_000_000
    assert window_for(0.5) == 2 * 1024 * 1024


def test_a_restarted_server_goes_on(tmp_path: Path) -> None:
    with ThrowawayServer(tmp_path / "server") as server:
        upload = upload_to(server)
        with DropBox.connect(upload, go_on) as box:
            box.push(io.BytesIO(b"1"), 1, "1.age")
            server.stop()
            with pytest.raises(ServerUnreachable):
                box.push(io.BytesIO(b"2"), 1, "2.age")
        server.start()
        with DropBox.connect(upload, go_on) as box:
            box.push(io.BytesIO(b"2"), 1, "2.age")
        assert [p.name for p in server.collected()] == ["1.age", "2.age"]


def _parts(line: str) -> tuple[str, bytes]:
    kind, text = line.split()
    return kind, base64.b64decode(text)


def _answer(listener: socket.socket, text: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(text)
        while connection.recv(4096):
            pass


class _Plug(threading.Thread):
    """Passes a connection on, and after so many bytes reads nothing more from either side."""

    def __init__(self, front: socket.socket, port: int, after: int) -> None:
        super().__init__(daemon=True)
        self._front = front
        self._port = port
        self._left = after
        self._pulled = threading.Event()
        self._end = threading.Event()
        self._beats = 0

    def beats(self) -> int:
        """How often this was asked since nothing is read any more."""
        self._beats += self._pulled.is_set()
        return self._beats

    def finish(self) -> None:
        self._end.set()
        self.join()

    def run(self) -> None:
        near, _ = self._front.accept()
        with near, socket.create_connection(("127.0.0.1", self._port)) as far:
            back = threading.Thread(target=self._pass, args=(far, near), daemon=True)
            back.start()
            self._pass(near, far)
            self._end.wait()
        back.join()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        source.settimeout(0.02)
        while not self._pulled.is_set():
            try:
                data = source.recv(65_536)
                if not data:
                    return
                target.sendall(data)
                self._left -= len(data)
                if self._left < 0:
                    self._pulled.set()
            except TimeoutError:
                continue
            except OSError:
                return


@pytest.fixture
def outbox(sshd: ThrowawayServer) -> Path:
    """The folder of answers, emptied; what is put there gets its group."""
    folder = sshd.path.with_name("out")
    for path in folder.iterdir():
        path.unlink()
    return folder


def put(outbox: Path, name: str, content: bytes, mode: int = 0o640) -> None:
    path = outbox / name
    path.write_bytes(content)
    path.chmod(mode)


@pytest.mark.parametrize("size", [0, 1, CHUNK, 3_000_001])
def test_an_answer_is_fetched_whole(outbox: Path, drop_box: Upload, size: int) -> None:
    content = os.urandom(size)
    put(outbox, "a.age", content)
    got: list[bytes] = []
    with DropBox.connect(drop_box, go_on) as box:
        assert box.fetch("out/a.age", got.append, size)
        assert not box.fetch("out/b.age", got.append, size)
        assert box.push(io.BytesIO(b"x"), 1, "x.age") == "x.age", "the session is still good"
        assert box.fetch("out/a.age", lambda _: None, size)
    assert b"".join(got) == content


def test_a_letter_is_read_again_only_when_it_has_changed(outbox: Path, drop_box: Upload) -> None:
    put(outbox, "a.age", b"monday")
    got: list[bytes] = []
    with DropBox.connect(drop_box, go_on) as box:
        first = box.fetch("out/a.age", got.append, 100, None)
        assert first is not None
        assert box.fetch("out/a.age", got.append, 100, first) == first
        put(outbox, "a.age", b"sunday")
        os.utime(outbox / "a.age", (1, 1))
        assert box.fetch("out/a.age", got.append, 100, first) == (6, 1)
    assert got == [b"monday", b"sunday"]


def test_an_answer_that_is_too_large_is_not_fetched(outbox: Path, drop_box: Upload) -> None:
    put(outbox, "a.age", bytes(1001))
    with DropBox.connect(drop_box, go_on) as box, pytest.raises(TransferRefused, match="at most"):
        box.fetch("out/a.age", lambda _: None, 1000)


def test_an_answer_that_was_put_there_closed_is_a_refusal(
    sshd: ThrowawayServer, outbox: Path, drop_box: Upload
) -> None:
    if sshd.isolation != "chroot and own accounts":
        pytest.skip(f"owners cannot be tried here: {sshd.isolation}")
    put(outbox, "a.age", b"x", 0o600)
    with DropBox.connect(drop_box, go_on) as box, pytest.raises(TransferRefused, match="denied"):
        box.fetch("out/a.age", lambda _: None, 1000)


def test_fetching_stops_when_asked_to(outbox: Path, drop_box: Upload) -> None:
    put(outbox, "a.age", bytes(5_000_000))
    got: list[bytes] = []
    with DropBox.connect(drop_box, lambda: bool(got)) as box, pytest.raises(Stopped):
        box.fetch("out/a.age", got.append, 5_000_000)


def test_a_fault_of_the_sink_comes_through(outbox: Path, drop_box: Upload) -> None:
    def full(_: bytes) -> None:
        raise StorageFailed("the disk")

    put(outbox, "a.age", bytes(100))
    with DropBox.connect(drop_box, go_on) as box, pytest.raises(StorageFailed, match="the disk"):
        box.fetch("out/a.age", full, 1000)
