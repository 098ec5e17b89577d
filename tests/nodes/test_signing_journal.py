"""What a key has signed, on disk before anybody sees it."""

import os
import threading
from pathlib import Path

import pytest

from novate.field import Word
from novate.keys import Domain, public_key
from novate.nodes import AlreadySigned, FileRefused, SigningJournal
from novate.units import Instant

from .ticks import DOMAIN, NOW, SECRETS

KEY = public_key(SECRETS[0]).commitment
ONE: Word = (1, 2, 3, 4, 5, 6, 7, 8)
OTHER: Word = (9, 2, 3, 4, 5, 6, 7, 8)


def journal(folder: Path) -> SigningJournal:
    """The journal in a folder, open."""
    return SigningJournal(folder / "signed", domain=DOMAIN, key=KEY)


def after(seconds: int) -> Instant:
    """So long after the first report."""
    return Instant(NOW.s + seconds)


@pytest.mark.parametrize("is_reopened", [False, True])
@pytest.mark.parametrize(
    ("seconds", "digest", "may"),
    [
        (-1, ONE, False),
        (-1, OTHER, False),
        (0, OTHER, False),
        (0, ONE, True),  # the very same: its signature is the same too
        (1, ONE, True),
        (1, OTHER, True),
    ],
)
def test_only_a_later_second_may_be_signed_also_after_a_restart(
    tmp_path: Path, is_reopened: bool, seconds: int, digest: Word, may: bool
) -> None:
    book = journal(tmp_path)
    book.record(after(0), ONE)
    if is_reopened:
        book.close()
        book = journal(tmp_path)
    with book:
        if may:
            book.record(after(seconds), digest)
        else:
            with pytest.raises(AlreadySigned, match="at most once a second"):
                book.record(after(seconds), digest)
            book.record(after(1), OTHER)


def test_what_may_be_signed_is_on_disk_first(tmp_path: Path) -> None:
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
        book.record(after(2), OTHER)
        lines = (tmp_path / "signed").read_text().splitlines()
    assert [line.split()[0] for line in lines[1:]] == [str(NOW.s), str(NOW.s + 2)]
    assert lines[0].startswith("novate signing journal, version 1, chain 31337")


@pytest.mark.parametrize("kept", range(1, 60, 7))
def test_a_line_that_a_crash_cut_off_was_never_signed(tmp_path: Path, kept: int) -> None:
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
    path = tmp_path / "signed"
    whole = path.read_bytes()
    with journal(tmp_path) as book:
        book.record(after(5), ONE)
    path.write_bytes(path.read_bytes()[: len(whole) + kept])
    with journal(tmp_path) as book:
        with pytest.raises(AlreadySigned):
            book.record(after(0), OTHER)
        book.record(after(5), OTHER)
    assert path.read_bytes().startswith(whole)
    assert len(path.read_bytes().splitlines()) == 3
    with journal(tmp_path) as book, pytest.raises(AlreadySigned):
        book.record(after(5), ONE)


def test_nothing_of_a_line_that_was_cut_off_is_left_behind_a_shorter_one(tmp_path: Path) -> None:
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
    path = tmp_path / "signed"
    path.write_bytes(path.read_bytes()[:-1])
    with journal(tmp_path) as book:
        book.record(Instant(5), OTHER)
    lines = path.read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("5 0x")
    with journal(tmp_path) as book:
        book.record(Instant(6), OTHER)


def test_what_the_disk_did_not_take_may_not_be_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    with journal(tmp_path) as book:
        book.record(after(0), ONE)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space"):
                book.record(after(1), ONE)
        book.record(after(1), OTHER)
    lines = (tmp_path / "signed").read_text().splitlines()
    assert [line.split()[0] for line in lines[1:]] == [str(NOW.s), str(NOW.s + 1)]
    assert "00000009" in lines[2]


@pytest.mark.parametrize("taken", [0, 1, 77])
def test_what_the_disk_took_in_part_may_not_be_signed_also_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    write = os.pwrite
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
        with monkeypatch.context() as patch:
            patch.setattr(os, "pwrite", lambda file, data, at: write(file, data[:taken], at))
            with pytest.raises(OSError, match=f"took {taken} of 78 bytes"):
                book.record(after(1), ONE)
    with journal(tmp_path) as book:
        book.record(after(1), OTHER)
    assert len((tmp_path / "signed").read_text().splitlines()) == 3


def test_a_disk_without_room_for_the_first_line_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: bytes, at: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space"):
            journal(tmp_path)
    with journal(tmp_path) as book:
        book.record(after(0), ONE)


def test_what_a_crash_left_in_memory_is_on_disk_before_it_is_signed_of_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that died between its write and the disk's leaves a whole line which a power cut
    still takes away: signed of again as it stands, it would be signed of otherwise afterwards."""

    def dead(file: int) -> None:
        raise KeyboardInterrupt

    with journal(tmp_path) as book:
        book.record(after(0), ONE)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", dead)
            with pytest.raises(KeyboardInterrupt):
                book.record(after(1), ONE)
    sync, synced = os.fsync, []
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_ino) or sync(file))
        with journal(tmp_path) as book:
            # The file, and the folder that has its name.
            assert {(tmp_path / "signed").stat().st_ino, tmp_path.stat().st_ino} <= set(synced)
            book.record(after(1), ONE)
            with pytest.raises(AlreadySigned):
                book.record(after(1), OTHER)


def test_two_threads_do_not_sign_of_one_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, refused, done = os.fsync, [], threading.Event()

    def second() -> None:
        try:
            book.record(after(1), OTHER)
        except AlreadySigned as error:
            refused.append(error)
        done.set()

    def meanwhile(file: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        other.start()
        done.wait(0.2)  # it cannot be, while the first has its turn
        sync(file)

    other = threading.Thread(target=second)
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
        monkeypatch.setattr(os, "fsync", meanwhile)
        book.record(after(1), ONE)
        other.join()
    assert len(refused) == 1
    assert len((tmp_path / "signed").read_text().splitlines()) == 3


def test_a_child_of_the_process_that_has_it_open_does_not_sign(tmp_path: Path) -> None:
    """It shares the lock and remembers what was signed until it was born."""
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
        child = os.fork()
        if not child:
            try:
                book.record(after(1), OTHER)
            except FileRefused:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        book.record(after(1), ONE)
    assert len((tmp_path / "signed").read_text().splitlines()) == 3


def test_a_closed_journal_writes_into_nobody_s_file(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.record(after(0), ONE)
    book.close()
    with (tmp_path / "other").open("w+b") as other:  # has the number that the journal had
        other.write(b"precious")
        other.flush()
        with pytest.raises(FileRefused, match="is not open in this process"):
            book.record(after(1), ONE)
        book.close()
        other.seek(0)
        assert other.read() == b"precious"


def test_a_journal_is_of_one_key_and_one_venue(tmp_path: Path) -> None:
    journal(tmp_path).close()
    journal(tmp_path).close()
    for domain, key in (
        (Domain(1, DOMAIN.contract), KEY),
        (Domain(DOMAIN.chain_id, bytes(20)), KEY),
        (DOMAIN, public_key(SECRETS[1]).commitment),
    ):
        with pytest.raises(FileRefused, match="signed: begins with"):
            SigningJournal(tmp_path / "signed", domain=domain, key=key)


def test_a_journal_is_open_once(tmp_path: Path) -> None:
    with journal(tmp_path), pytest.raises(FileRefused, match="in use"):
        journal(tmp_path)
    journal(tmp_path).close()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("instrument,quantity\n", "signed: begins with 'instrument,quantity"),
        ("7" * 64, "signed: begins with '7777"),  # a key without the end of a line
        ("novate signing journal, version 2", "signed: begins with 'novate signing journal, ver"),
        ("{head}\nyesterday 0x12\n", "signed: 'yesterday 0x12' is not a second and a digest"),
        ("{head}\n12 0x12\n", "signed: '12 0x12' is not a second and a digest, in its last line"),
        ("{head}\n4294967296 0x" + 64 * "0" + "\n", "signed: '4294967296 0x0000"),
        ("{head}\n" + 3_000 * "9" + " 0x" + 64 * "0" + "\n", "is not a second and a digest"),
        ("{head}\n\n", "signed: '' is not a second and a digest, in its last line"),
        ("{head}\n" + 5_000 * "0", "signed: '' is not a second and a digest, in its last line"),
    ],
)
def test_what_is_no_journal_is_refused_and_left_alone(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "signed"
    journal(tmp_path).close()
    written = text.format(head=path.read_text().strip())
    path.write_text(written)
    with pytest.raises(FileRefused, match=told):
        journal(tmp_path)
    assert path.read_text() == written


@pytest.mark.parametrize("kept", [0, 1, 30, -1])
def test_a_first_line_that_a_crash_cut_off_is_written_again(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "signed"
    journal(tmp_path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    with journal(tmp_path) as book:
        book.record(after(0), ONE)
    assert path.read_bytes().startswith(whole)


def test_a_long_journal_is_held_to_its_last_line(tmp_path: Path) -> None:
    with journal(tmp_path) as book:
        for second in range(150):
            book.record(after(second), ONE)
    assert (tmp_path / "signed").stat().st_size > 2 * 4_096
    with journal(tmp_path) as book:
        with pytest.raises(AlreadySigned):
            book.record(after(149), OTHER)
        book.record(after(150), OTHER)
    path = tmp_path / "signed"
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == 152
    path.write_text(lines[0] + lines[-1])
    with journal(tmp_path) as book, pytest.raises(AlreadySigned):
        book.record(after(150), ONE)
