"""Sealed files: read at any place, up to a kill, and never once they were changed."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from agent.call.recording_file import GrowingWav, open_recording
from agent.errors import PermanenceError, SettingsError
from agent.sealing import vault as module
from agent.sealing.keys import Key, new_key, read_keys
from agent.sealing.stream import CHUNK_BYTES, SealedError
from agent.sealing.vault import Vault, seal_files, sealed_files, size_of, sweep_plain
from agent.settings import load_settings
from knowledge.documents.reader import read_document
from knowledge.errors import DocumentError
from knowledge.vault import use_vault, vault_of

OLD, NEW = Key(b"a" * 32), Key(b"b" * 32)
HEADER = 83


def content(size: int) -> bytes:
    """Bytes that are all different from chunk to chunk."""
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 100_000]
)
def test_what_is_sealed_is_read_again(tmp_path: Path, size: int) -> None:
    """Whole, and nothing of it stands in the file; whatever its length."""
    file, vault = tmp_path / "a.pdf", Vault([NEW])
    vault.write(file, content(size))
    assert vault.read(file) == content(size)
    assert size < 16 or content(size)[:16] not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_it_is_read_at_any_place(tmp_path: Path) -> None:
    """As a player does that seeks: over the seams of chunks, from the end, behind the end."""
    file, vault, whole = tmp_path / "a.wav", Vault([NEW]), content(100_000)
    vault.write(file, whole)
    rng = random.Random(4)
    with vault.open(file) as opened:
        assert size_of(opened) == len(whole)
        for _ in range(200):
            at, size = rng.randrange(len(whole)), rng.randrange(1, 40_000)
            opened.seek(at)
            assert opened.read(size) == whole[at : at + size]
        opened.seek(-5, io.SEEK_END)
        assert opened.read() == whole[-5:]
        opened.seek(len(whole) + 7)
        assert opened.read() == b""


@pytest.mark.parametrize("flip", [0, 25, 40, 70, 80, HEADER, HEADER + 20_000, -1])
def test_a_changed_file_is_not_read(tmp_path: Path, flip: int) -> None:
    """One bit anywhere: in the header, a chunk, a tag."""
    file, vault = tmp_path / "a.wav", Vault([NEW])
    vault.write(file, content(50_000))
    data = bytearray(file.read_bytes())
    data[flip] ^= 1
    file.write_bytes(data)
    if flip == 0:  # no sealed file any more: read as it stands
        assert not vault.is_sealed(file)
        return
    with pytest.raises(SealedError):
        vault.read(file)


@pytest.mark.parametrize("left", [HEADER, HEADER + 5, HEADER + CHUNK_BYTES + 16, -1, -16, -20_000])
def test_a_file_cut_short_is_not_read(tmp_path: Path, left: int) -> None:
    """Also where it is cut between two chunks."""
    file, vault = tmp_path / "a.wav", Vault([NEW])
    vault.write(file, content(50_000))
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(SealedError, match=r"a\.wav was changed or cut short"):
        vault.read(file)


def test_chunks_and_files_cannot_be_exchanged(tmp_path: Path) -> None:
    """Two chunks of a file, a chunk of another file, another file under this one's name."""
    one, two, vault = tmp_path / "a.wav", tmp_path / "b.wav", Vault([NEW])
    vault.write(one, content(60_000))
    vault.write(two, content(60_001))
    step, data, other = CHUNK_BYTES + 16, one.read_bytes(), two.read_bytes()
    first, second = data[HEADER : HEADER + step], data[HEADER + step : HEADER + 2 * step]
    for forged in (
        data[:HEADER] + second + first + data[HEADER + 2 * step :],
        data[:HEADER] + other[HEADER : HEADER + step] + data[HEADER + step :],
        other,
    ):
        one.write_bytes(forged)
        with pytest.raises(SealedError):
            vault.read(one)


def test_older_keys_open_and_are_replaced(tmp_path: Path) -> None:
    """Rotation: both keys read, sealing again leaves the new one alone."""
    files = [tmp_path / "recordings/acme/c1.wav", tmp_path / "clients/acme/manuals/ab/m.pdf"]
    Vault([OLD]).write(files[0], b"old")
    Vault().write(files[1], b"plain")
    busy = tmp_path / "recordings/acme/c2.wav.part"
    busy.write_bytes(b"is being written")
    both = Vault([NEW, OLD])
    assert both.read(files[0]) == b"old"
    assert sealed_files(tmp_path) == files
    assert seal_files(both, sealed_files(tmp_path)) == 2
    assert seal_files(both, sealed_files(tmp_path)) == 0
    assert [Vault([NEW]).read(file) for file in files] == [b"old", b"plain"]
    assert busy.read_bytes() == b"is being written"
    with pytest.raises(SealedError, match="sealed with another key; put that key behind"):
        Vault([OLD]).read(files[0])


def test_without_a_key_files_stay_plain(tmp_path: Path) -> None:
    """And what is sealed is refused in one sentence."""
    file = tmp_path / "a.wav"
    Vault().write(file, b"RIFF")
    assert file.read_bytes() == b"RIFF"
    assert not Vault().seal(file)
    Vault([NEW]).seal(file)
    with pytest.raises(SealedError, match="PERMANENCE_DATA_KEY"):
        Vault().read(file)


def test_recording_is_sealed_as_it_grows(tmp_path: Path) -> None:
    """Kept, it is a WAV of its true length; nothing of it was ever on the disk in the clear."""
    path, vault, pcm = tmp_path / "r" / "c1.wav", Vault([NEW]), content(100_000)
    growing = GrowingWav(path, 8000, 2, vault)
    for start in range(0, len(pcm), 32_000):
        growing.write(pcm[start : start + 32_000])
        part = (tmp_path / "r" / "c1.wav.part").read_bytes()
        assert b"RIFF" not in part
        assert pcm[:16] not in part
    assert growing.keep()
    with open_recording(vault, path) as file, wave.open(file) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        assert sound.readframes(sound.getnframes()) == pcm
    with open_recording(vault, path) as file:
        file.seek(40)
        assert file.read(8) == len(pcm).to_bytes(4, "little") + pcm[:4]


_DIES = """
import os, signal, sys
from pathlib import Path
from agent.call.recording_file import GrowingWav
from agent.sealing.keys import Key
from agent.sealing.vault import Vault
growing = GrowingWav(Path(sys.argv[1]), 8000, 2, Vault([Key(b"b" * 32)]))
for second in range(5):
    growing.write(bytes([second + 1]) * 32_000)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_recording_can_be_read_up_to_the_kill(tmp_path: Path) -> None:
    """All but the last half second of what came; no plaintext is left anywhere."""
    path = tmp_path / "c1.wav"
    child = subprocess.run([sys.executable, "-c", _DIES, str(path)], check=False)
    assert child.returncode == -signal.SIGKILL
    left = path.with_name("c1.wav.part")
    assert [file.name for file in tmp_path.iterdir()] == ["c1.wav.part"]
    assert b"\x01" * 64 not in left.read_bytes()
    with open_recording(Vault([NEW]), left) as file, wave.open(file) as sound:
        frames = sound.readframes(sound.getnframes())
    assert 160_000 - CHUNK_BYTES <= len(frames) <= 160_000
    assert frames == b"".join(bytes([second + 1]) * 32_000 for second in range(5))[: len(frames)]
    left.write_bytes(left.read_bytes()[:-100])  # and one that was cut within a chunk
    with open_recording(Vault([NEW]), left) as file:
        assert size_of(file) == 44 + len(frames) - CHUNK_BYTES


def test_other_programs_read_a_copy_in_memory_that_is_gone_afterwards(tmp_path: Path) -> None:
    """Whatever happens meanwhile; a killed process's is swept away by the next."""
    file, vault = tmp_path / "manuel.txt", Vault([NEW])
    vault.write(file, b"page")
    with pytest.raises(RuntimeError, match="stumbles"), vault.plain(file) as copy:
        seen = copy
        assert copy.read_bytes() == b"page"
        assert (copy.name, copy.parent.stat().st_mode & 0o777) == ("manuel.txt", 0o700)
        assert not copy.is_relative_to(tmp_path)
        raise RuntimeError("stumbles")
    assert not seen.parent.exists()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = seen.parent.with_name(f"{module._PRIVATE}{dead.pid}-x")
    mine = seen.parent.with_name(f"{module._PRIVATE}{os.getpid()}-y")
    for folder in (left, mine):
        folder.mkdir()
    sweep_plain()
    assert (left.exists(), mine.exists()) == (False, True)
    mine.rmdir()


def test_a_sealed_manual_is_read_by_the_parser(tmp_path: Path) -> None:
    """Where its folder has a vault; without the key it is refused, and nothing is left over."""
    file, vault = tmp_path / "home" / "notice.txt", Vault([NEW])
    vault.write(file, "Nettoyer le filtre\n\nDévissez le bouchon.\n".encode())
    use_vault(tmp_path / "home", vault)
    assert "Dévissez le bouchon" in repr(read_document(file))
    assert vault_of(file) is vault
    with pytest.raises(DocumentError):
        read_document(_elsewhere(file, tmp_path))
    assert not list(module._in_memory().glob(f"{module._PRIVATE}{os.getpid()}-*"))


def _elsewhere(file: Path, folder: Path) -> Path:
    """The same bytes, outside the vault's folder."""
    copy = folder / "notice.txt"
    copy.write_bytes(file.read_bytes())
    return copy


def test_keys_are_read_and_bad_ones_named_but_not_repeated() -> None:
    """The first seals; a second may stand behind a comma."""
    first, second = new_key(), new_key()
    keys = read_keys(f"{first}, {second}")
    assert len(keys) == 2
    assert len(keys[0].secret) == 32
    assert load_settings(data_key=f"{second} {first}").data_keys == (keys[1], keys[0])
    assert load_settings(data_key="").data_keys == ()
    with pytest.raises(SettingsError, match="key 2 is not one that `permanence key new`") as error:
        load_settings(data_key=f"{first},mot-de-passe")
    assert "mot-de-passe" not in str(error.value)
    assert isinstance(error.value, PermanenceError)
