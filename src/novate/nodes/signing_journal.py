"""What a key has signed, on disk before anybody sees it: so that it never says two things at once.

A publisher whose two reports of one second are shown together counts for nothing in that tick, and
everybody can show them. So a second is written down with what is signed of it, and the write has
reached the disk, before there is a signature; also after a crash, and with the clock set back.
"""

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from novate.field import Word, word_bytes
from novate.keys import Domain
from novate.nodes.closing import Closing
from novate.nodes.csv_file import FileRefused
from novate.units import Instant, NamedError, OutOfRange

_TAIL: Final = 4_096
_CLOSED: Final = -1
_HEAD: Final = (
    "novate signing journal, version 1, chain {chain_id}, contract 0x{contract}, key {key}"
)


class AlreadySigned(NamedError, ValueError):
    """The key has signed of this second, or of a later one; what it would sign now is refused."""

    def __init__(self, at: Instant, last: Instant) -> None:
        super().__init__(
            f"a report of {at} may not be signed after one of {last}; next: publish of a later "
            "second, at most once a second, and look at the clock"
        )
        self.at, self.last = at, last


class SigningJournal(Closing):
    """The seconds that one key has signed for one venue, and the digest of each.

    One process has it open at a time, and no child of it. It grows by 78 bytes a report and only
    its first and last line are ever read, so what is between may be moved away while nobody has it
    open. Whoever loses the file, or brings back an older one, must wait until the clock is past all
    that was signed, or use another key: nothing else remembers.

    Raises: FileRefused for a file of another key or venue, one that is none, and one in use.
    """

    def __init__(self, path: Path, *, domain: Domain, key: Word) -> None:
        self.path = path
        head = _HEAD.format(chain_id=domain.chain_id, contract=domain.contract.hex(), key=_hex(key))
        self._process, self._turn = os.getpid(), threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock()
            self._last = self._read(f"{head}\n".encode("ascii"))
        except BaseException:
            self.close()
            raise

    def record(self, at: Instant, digest: Word) -> None:
        """Write down what is to be signed; when this returns it may be.

        The same of the same second may be signed again: the signature is the same too.

        Raises: AlreadySigned; OSError when the disk does not take it, and then nothing may be
        signed; FileRefused in a child of the process that opened it, or once it is closed.
        """
        with self._turn:
            if self._file == _CLOSED or self._process != os.getpid():
                raise FileRefused(self.path, "is not open in this process")
            if self._last is not None:
                last, known = self._last
                if (at, _hex(digest)) == (last, known):
                    return
                if at <= last:
                    raise AlreadySigned(at, last)
            self._append(f"{at.s} {_hex(digest)}\n".encode("ascii"))
            self._last = (at, _hex(digest))

    def close(self) -> None:
        """Let another process open it."""
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileRefused(self.path, "is in use: a key has one publisher at a time") from None

    def _read(self, head: bytes) -> tuple[Instant, str] | None:
        """The last second that was signed, with its digest; a new journal gets its first line.

        What was cut off by a crash, the last line or the first, was never signed of. What is whole
        may be in memory only, when a crash came before the disk had it, so the disk is asked first.
        """
        os.fsync(self._file)
        _keep_name(self.path.parent)
        size = os.fstat(self._file).st_size
        begins = os.pread(self._file, len(head), 0)
        if begins != head:
            if not head.startswith(begins):
                told = begins.decode("ascii", errors="replace")
                raise FileRefused(self.path, f"begins with {told!r}, not with {head.decode()!r}")
            self._end = 0
            self._append(head)
            return None
        start = max(len(head) - 1, size - _TAIL)
        tail = os.pread(self._file, _TAIL, start)
        whole = tail.rfind(b"\n")
        self._end = start + whole + 1
        if self._end == len(head):
            return None
        return self._signed(tail[tail.rfind(b"\n", 0, max(whole, 0)) + 1 : max(whole, 0)])

    def _append(self, data: bytes) -> None:
        """A line after the last whole one; what a failed write left there is cut off first."""
        os.ftruncate(self._file, self._end)
        written = os.pwrite(self._file, data, self._end)
        os.fsync(self._file)
        if written < len(data):
            raise OSError(f"{self.path} took {written} of {len(data)} bytes")
        self._end += len(data)

    def _signed(self, last: bytes) -> tuple[Instant, str]:
        line = last.decode("ascii", errors="replace")
        match line.split(" "):
            case [at, digest] if at.isdecimal() and len(digest) == len("0x") + 64:
                with suppress(OutOfRange):
                    return Instant(int(at)), digest
        raise FileRefused(
            self.path, "is not a second and a digest, in its last line", value=line[:200]
        )


def _hex(word: Word) -> str:
    return f"0x{word_bytes(word).hex()}"


def _keep_name(folder: Path) -> None:
    """Make a new file's name survive a crash, as its bytes do."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
