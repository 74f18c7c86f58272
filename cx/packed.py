"""Packed exports: what lies in a .zip or .gz file, unpacked within bounds.

An archive may say anything of itself, so its bytes are counted while they are unpacked. Names inside it are only shown,
never used as paths.
"""

import gzip
import zipfile
import zlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from cx.errors import DataError

READ = (".zip", ".gz")
MOST_BYTES = 2_000_000_000
"""So many bytes are unpacked of one file."""
MOST_RATIO = 200
"""Texts become a fifth to a fiftieth; what unpacks to more than this many times its size was made to fill a disk …"""
SMALL = 50_000_000
"""… unless it stays so small."""
MOST_FILES = 100
BLOCK = 1 << 20
ENCRYPTED, UTF_8 = 0x1, 0x800
"""What an entry of a .zip says of itself."""
PLAINLY_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What the others' libraries say of damage cannot be told from a full disk."""
PARQUET = ".parquet"
PARQUET_INSIDE = "It holds Parquet, which is packed by itself and not read within another packed file."
UNPACK_PARQUET = "Unpack it: Parquet with the contract's columns belongs in the table's folder, other in the source's."
UNPACK = "Unpack it beside itself, and name what was in it."


@dataclass(frozen=True)
class Inside:
    """A file that lay in a packed one."""

    name: str
    """What it is called there."""
    path: Path
    """Where it lies now."""


def is_packed(path: Path) -> bool:
    """Whether a file is packed in a way that is read."""
    return path.suffix.lower() in READ


def ending(name: str) -> str:
    """The ending of a file's name, that of what is packed in it included: .csv.gz."""
    suffixes = PurePosixPath(name).suffixes
    return "".join(suffixes[-2:] if suffixes and suffixes[-1].lower() == ".gz" else suffixes[-1:])


def unpacked(path: Path, work: Path, kinds: Collection[str], notes: list[str]) -> list[Inside]:
    """Unpack the files of these kinds (endings) into the work folder; those that are left out are noted."""
    folder = work / f"{path.stem}.unpacked"
    folder.mkdir(exist_ok=True)
    bounds = _Bounds(path.stat().st_size)
    try:
        if path.suffix.lower() == ".gz":
            inner = PurePosixPath(path.stem)
            if inner.suffix.lower() == PARQUET:
                raise DataError(PARQUET_INSIDE, UNPACK_PARQUET)
            if inner.suffix.lower() not in kinds:
                raise DataError(f"What is packed in it ends in “{inner.suffix}”, which is not read.", UNPACK)
            with gzip.open(path) as stream:
                return [Inside(inner.name, bounds.copied(stream, folder / f"0{inner.suffix}"))]
        with zipfile.ZipFile(path) as archive:
            chosen = _chosen(archive, kinds, notes)
            found = []
            for number, (name, entry) in enumerate(chosen):
                if entry.flag_bits & ENCRYPTED:
                    raise DataError("It is packed with a password.", UNPACK)
                if entry.compress_type not in PLAINLY_PACKED:
                    raise DataError("It is packed in a way that is not read.", UNPACK)
                with archive.open(entry) as stream:
                    target = folder / f"{number}{PurePosixPath(name).suffix.lower()}"
                    found.append(Inside(name, bounds.copied(stream, target)))
            return found
    # The last is zipfile's own word for an archive of a later format than it knows.
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise DataError("It is packed and cannot be unpacked: it is damaged or of another kind.", UNPACK) from error


class _Bounds:
    """How much of a packed file may be unpacked."""

    def __init__(self, size: int) -> None:
        self._most = min(MOST_BYTES, max(SMALL, MOST_RATIO * size))
        self._bytes = 0

    def copied(self, stream: IO[bytes] | gzip.GzipFile, target: Path) -> Path:
        """Write what is unpacked to a file, counting it."""
        with target.open("wb") as written:
            while block := stream.read(BLOCK):
                self._bytes += len(block)
                if self._bytes > self._most:
                    target.unlink()
                    raise DataError(
                        f"Unpacked it takes more than {self._most / 1e6:,.0f} MB.",
                        "Unpack it beside itself, or export smaller files.",
                    )
                written.write(block)
        return target


def _chosen(archive: zipfile.ZipFile, kinds: Collection[str], notes: list[str]) -> list[tuple[str, zipfile.ZipInfo]]:
    """The entries to be read, with their names: exports of one kind; leftovers of programs and notes aside."""
    entries = [(_name(entry), entry) for entry in archive.infolist() if not entry.is_dir()]
    entries = [
        (name, entry)
        for name, entry in entries
        if not any(part.startswith((".", "_", "~$")) for part in PurePosixPath(name).parts)
    ]
    chosen = [(name, entry) for name, entry in entries if PurePosixPath(name).suffix.lower() in kinds]
    endings = {PurePosixPath(name).suffix.lower() for name, _ in chosen}
    if len(endings) > 1 and ".txt" in endings:
        # A text beside exports tells about them.
        endings.remove(".txt")
        chosen = [(name, entry) for name, entry in chosen if PurePosixPath(name).suffix.lower() in endings]
    if not chosen and any(PurePosixPath(name).suffix.lower() == PARQUET for name, _ in entries):
        raise DataError(PARQUET_INSIDE, UNPACK_PARQUET)
    if not chosen:
        raise DataError("It is packed, and nothing in it is read here.", UNPACK)
    if len(endings) > 1 or len(chosen) > MOST_FILES:
        raise DataError(f"It holds {len(chosen):,} files that end in {', '.join(sorted(endings))}.", UNPACK)
    read = {name for name, _ in chosen}
    if others := [name for name, _ in entries if name not in read]:
        more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""
        notes.append(f"Packed in it and not read: {', '.join(others[:3])}{more}.")
    return sorted(chosen, key=lambda one: one[0])


def _name(entry: zipfile.ZipInfo) -> str:
    """What an entry is called: programs that mark no encoding write Korean names as they please."""
    for encoding in () if entry.flag_bits & UTF_8 else ("utf-8", "cp949"):
        with suppress(UnicodeError):
            return entry.filename.encode("cp437").decode(encoding)
    return entry.filename
