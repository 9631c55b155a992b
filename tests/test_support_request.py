"""A request for a support bundle, its answer, and what else may lie in its place."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.errors import StorageError, StorageFailed
from kiosk.process import as_owner
from kiosk.support_request import Stage, SupportRequest, Told

SOMEBODY = 4242


@pytest.fixture
def place() -> Iterator[Path]:
    """Where every user may go, unlike pytest's own folder."""
    with tempfile.TemporaryDirectory(prefix="kiosk-support-") as folder:
        Path(folder).chmod(0o755)
        for name in ("asking", "telling"):
            Path(folder, name).mkdir()
        yield Path(folder)


@pytest.fixture
def post(place: Path) -> SupportRequest:
    return SupportRequest(place / "asking" / "asked", place / "telling" / "told.json")


def test_a_request_is_an_empty_file_and_is_taken_once(post: SupportRequest) -> None:
    assert post.asked() is None
    post.ask()
    post.ask()
    assert post.request.stat().st_size == 0
    assert stat.S_IMODE(post.request.stat().st_mode) == 0o600
    assert post.asked() == pytest.approx(post.request.stat().st_mtime)
    assert post.take()
    assert post.asked() is None
    assert not post.take()


def test_without_the_folder_of_a_station_asking_is_an_error_of_ours(tmp_path: Path) -> None:
    post = SupportRequest(tmp_path / "gone" / "asked", tmp_path / "gone" / "told.json")
    with pytest.raises(StorageError):
        post.ask()
    assert (post.asked(), post.last(), post.take()) == (None, None, False)


def victim(post: SupportRequest) -> Path:
    return post.told.parent.parent / "victim"


def link(post: SupportRequest) -> None:
    post.request.symlink_to(victim(post))


def link_to_folder(post: SupportRequest) -> None:
    post.request.symlink_to(victim(post).parent)


def dangling(post: SupportRequest) -> None:
    post.request.symlink_to("/nowhere")


def fifo(post: SupportRequest) -> None:
    os.mkfifo(post.request)


def huge(post: SupportRequest) -> None:
    with post.request.open("wb") as file:
        file.truncate(1 << 40)


def words(post: SupportRequest) -> None:
    post.request.write_text("--out /etc/shadow", encoding="ascii")


def folder(post: SupportRequest) -> None:
    post.request.mkdir()


@pytest.mark.parametrize("lay", [link, link_to_folder, dangling, fifo, huge, words, folder])
def test_what_is_no_request_is_removed_unread_and_unfollowed(
    post: SupportRequest, lay: Callable[[SupportRequest], None]
) -> None:
    victim(post).write_bytes(b"")
    lay(post)
    assert not post.take()
    assert not os.path.lexists(post.request)
    assert victim(post).read_bytes() == b""
    assert sorted(path.name for path in post.told.parent.parent.iterdir()) == [
        *("asking", "telling", "victim")
    ]


def test_a_folder_that_holds_something_is_left_and_said(post: SupportRequest) -> None:
    """Whoever lays one there has no bundles any more, and nobody else is touched."""
    (post.request / "deep").mkdir(parents=True)
    with pytest.raises(StorageFailed):
        post.take()
    assert (post.request / "deep").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_request_is_taken_with_the_askers_rights_alone(post: SupportRequest) -> None:
    """The folder may be made to lead anywhere by whom it belongs to."""
    asking = post.request.parent
    os.chown(asking, SOMEBODY, SOMEBODY)
    (post.told.parent / "asked").write_bytes(b"")
    with as_owner(asking):
        post.ask()
        assert post.take()
        asking_file = SupportRequest(asking / ".." / "telling" / "asked", post.told)
        with pytest.raises(StorageFailed):
            asking_file.take()
    assert (post.told.parent / "asked").exists()


def test_what_is_told_may_be_read_by_all_and_replaces_what_lay_there(post: SupportRequest) -> None:
    assert post.last() is None
    post.told.symlink_to(victim(post))
    victim(post).write_bytes(b"before")
    told = Told(stage=Stage.SEALED, at=7, name="a.age", filed="trials/room-2/000007_2026-11-26")
    post.tell(told)
    assert post.last() == told
    assert stat.S_IMODE(post.told.lstat().st_mode) == 0o644
    assert victim(post).read_bytes() == b"before"


@pytest.mark.parametrize(
    "text", ["", "{}", '{"stage":"sealed","at":-1}', '{"stage":"sent","at":1}']
)
def test_what_cannot_be_understood_is_said(post: SupportRequest, text: str) -> None:
    post.told.write_text(text, encoding="ascii")
    with pytest.raises(StorageFailed, match="cannot be understood"):
        post.last()
