"""A recording: both sides on one clock, from the notice on, and gone at a word."""

from __future__ import annotations

import asyncio
import resource
import stat
import threading
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection

from agent.audio import FRAME_MS, TELEPHONE_RATE_HZ, Samples, samples_of
from agent.call import recorder as module
from agent.call.recorder import BACKLOG_S, Recorder
from agent.call.recording_file import GrowingWav
from agent.call.speaking import NoticeFrame

FRAME = TELEPHONE_RATE_HZ * FRAME_MS // 1000
SECOND = 1000 // FRAME_MS


def pcm(value: int, frames: int = 1) -> bytes:
    """Frames of 8 kHz samples that can be told apart by their value."""
    return np.full(frames * FRAME, value, dtype="<i2").tobytes()


class Tape(Recorder):
    """A recorder without a pipeline around it."""

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None:
        """Nobody stands behind it."""

    async def comes_by(self, *frames: Frame) -> None:
        """Frames of the pipeline, in order."""
        for frame in frames:
            await self.process_frame(frame, FrameDirection.DOWNSTREAM)

    async def hears(self, value: int, frames: int = 1, rate_hz: int = TELEPHONE_RATE_HZ) -> None:
        """The caller's frames."""
        audio = np.full(rate_hz * FRAME_MS // 1000, value, dtype="<i2").tobytes()
        for _ in range(frames):
            self.hear(audio)

    async def says(self, value: int, frames: int = 1, rate_hz: int = TELEPHONE_RATE_HZ) -> None:
        """The agent's frames."""
        audio = np.full(rate_hz * FRAME_MS // 1000, value, dtype="<i2").tobytes()
        for _ in range(frames):
            self.say(audio)

    async def written(self) -> None:
        """Wait for the disk."""
        if self._writing is not None:
            await asyncio.shield(self._writing)


@pytest.fixture
def blocking() -> Iterator[ThreadPoolExecutor]:
    """Threads for the disk."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the recording is to stand; no folder exists yet."""
    return tmp_path / "recordings" / "orvane" / "c1.wav"


@pytest.fixture
def tape(path: Path, blocking: ThreadPoolExecutor) -> Tape:
    """A recorder of a telephone line."""
    return Tape(path, blocking, TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ)


def read(path: Path) -> tuple[Samples, Samples]:
    """Both sides of a file, whose header tells its length."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        frames = file.readframes(file.getnframes())
    assert path.stat().st_size == 44 + len(frames)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    both = samples_of(frames).reshape(-1, 2)
    return both[:, 0], both[:, 1]


# --- from the notice on -----------------------------------------------------------------------


async def test_nothing_is_recorded_before_the_notice(tape: Tape, path: Path) -> None:
    """What is said until then stands in no file, and in no memory."""
    await tape.hears(1, 3 * SECOND)
    await tape.says(2, 3 * SECOND)
    assert not path.parent.exists()
    await tape.comes_by(NoticeFrame())
    await tape.hears(3, SECOND)
    assert await tape.finish()
    caller, agent = read(path)
    assert set(caller.tolist()) == {3}
    assert set(agent.tolist()) == {0}


async def test_a_notice_that_was_not_heard_whole_starts_nothing(tape: Tape, path: Path) -> None:
    """Its sentence could not be made: the call is not recorded, and that is told."""
    notice = NoticeFrame()
    notice.whole = False
    await tape.comes_by(notice)
    await tape.hears(1, 2 * SECOND)
    assert (tape.over, tape.failures) == (True, 1)
    assert not await tape.finish()
    assert not path.parent.exists()


async def test_a_call_is_written_as_it_goes_on(tape: Tape, path: Path) -> None:
    """A file for its owner alone, readable at any moment, under its name at the end."""
    part = path.with_name("c1.wav.part")
    await tape.comes_by(NoticeFrame())
    for second in range(1, 6):
        await tape.hears(second, SECOND)
        await tape.says(-second, SECOND // 2)
        await tape.written()
        assert tape._tracks.waiting_s < 2.5
    caller, _ = read(part)  # as a process that was killed leaves it
    assert 3 * TELEPHONE_RATE_HZ <= caller.size < 5 * TELEPHONE_RATE_HZ
    assert await tape.finish()
    assert list(path.parent.iterdir()) == [path]
    caller, agent = read(path)
    assert caller[:: SECOND * FRAME].tolist()[:5] == [1, 2, 3, 4, 5]
    assert caller.size == agent.size == 5.5 * TELEPHONE_RATE_HZ
    assert not await tape.finish(), "there is one end"


async def test_a_browsers_rates_become_8_khz(path: Path, blocking: ThreadPoolExecutor) -> None:
    """16 kHz from the caller, 24 kHz to them: two seconds stay two seconds."""
    tape = Tape(path, blocking, 16_000, 24_000)
    await tape.comes_by(NoticeFrame())
    for _ in range(2 * SECOND):
        await tape.hears(1000, rate_hz=16_000)
        await tape.says(-1000, rate_hz=24_000)
    assert await tape.finish()
    caller, agent = read(path)
    assert caller.size == pytest.approx(2 * TELEPHONE_RATE_HZ, abs=2)
    assert np.abs(caller[100:-100] - 1000).max() <= 2
    assert np.abs(agent[100:-100] + 1000).max() <= 2


async def test_who_hangs_up_at_once_leaves_no_file(tape: Tape, path: Path) -> None:
    """An empty recording is none."""
    await tape.comes_by(NoticeFrame())
    assert not await tape.finish()
    assert not path.parent.exists()
    assert tape.failures == 0


# --- refused ----------------------------------------------------------------------------------


async def test_a_refusal_deletes_what_there_is(tape: Tape, path: Path) -> None:
    """At once; nothing more is kept, whatever comes by."""
    await tape.comes_by(NoticeFrame())
    await tape.hears(1, 3 * SECOND)
    await tape.written()
    assert list(path.parent.iterdir())
    await tape.discard()
    assert list(path.parent.iterdir()) == []
    await tape.hears(1, 3 * SECOND)
    await tape.comes_by(NoticeFrame())
    await tape.hears(1, 3 * SECOND)
    assert not await tape.finish()
    assert list(path.parent.iterdir()) == []
    assert (tape.over, tape.failures) == (True, 0)


async def test_a_refusal_during_the_notice_is_kept_to(tape: Tape, path: Path) -> None:
    """The end of the greeting comes after it and starts nothing."""
    await tape.discard()
    await tape.comes_by(NoticeFrame())
    await tape.hears(1, 3 * SECOND)
    assert not await tape.finish()
    assert not path.parent.exists()


async def test_a_caller_who_refuses_and_hangs_up_is_deleted(path: Path) -> None:
    """The call's task is cancelled while the disk is waited for."""
    gate = threading.Event()
    with ThreadPoolExecutor(1) as blocking:
        tape = Tape(path, blocking, TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ)
        await tape.comes_by(NoticeFrame())
        await tape.hears(1, 2 * SECOND)
        await tape.written()
        blocking.submit(gate.wait, 10)
        refusing = asyncio.create_task(tape.discard())
        await asyncio.sleep(0.01)
        refusing.cancel()
        await asyncio.gather(refusing, return_exceptions=True)
        gate.set()
    assert list(path.parent.iterdir()) == []
    assert not await tape.finish()


# --- the disk ---------------------------------------------------------------------------------


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond this, bytes: the kernel refuses as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_ends_the_recording_and_not_the_call(
    path: Path, tape: Tape, blocking: ThreadPoolExecutor
) -> None:
    """What there was of it gives its room back; frames go on."""
    await tape.comes_by(NoticeFrame())
    with room_for(100_000):
        for _ in range(6):
            await tape.hears(1, SECOND)
            await tape.written()
    assert (tape.over, tape.failures) == (True, 1)
    assert not await tape.finish()
    blocking.shutdown(wait=True)
    assert list(path.parent.iterdir()) == []


async def test_a_disk_that_is_full_at_the_end(
    path: Path, tape: Tape, blocking: ThreadPoolExecutor
) -> None:
    """The last seconds find no room: no half recording is kept."""
    await tape.comes_by(NoticeFrame())
    await tape.hears(1, 3 * SECOND)
    await tape.written()
    with room_for(10_000):
        assert not await tape.finish()
    assert tape.failures == 1
    blocking.shutdown(wait=True)
    assert list(path.parent.iterdir()) == []


async def test_a_folder_that_cannot_be_made(path: Path, tape: Tape) -> None:
    """A file stands in its place."""
    path.parent.parent.write_text("in the way")
    await tape.comes_by(NoticeFrame())
    await tape.hears(1, 3 * SECOND)
    await tape.written()
    assert not await tape.finish()
    assert tape.failures == 1


async def test_a_disk_that_hangs_does_not_hold_the_call_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames pass at once, what waits is bounded, and the end comes in time."""
    monkeypatch.setattr(module, "DISK_LIMIT_S", 0.05)
    gate = threading.Event()
    with ThreadPoolExecutor(1) as blocking:
        tape = Tape(path, blocking, TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ)
        blocking.submit(gate.wait, 10)
        await tape.comes_by(NoticeFrame())
        for _ in range(30 * SECOND):
            await asyncio.wait_for(tape.hears(1), 1.0)
        assert tape._tracks.waiting_s < BACKLOG_S + 0.1
        assert (tape.over, tape.failures) == (True, 1)
        assert not await tape.finish()
        gate.set()
    assert list(path.parent.iterdir()) == []


def test_a_file_is_never_written_over(path: Path) -> None:
    """Two calls of one name: the second one's recording fails, the first one's stays."""
    first, second = (GrowingWav(path, TELEPHONE_RATE_HZ, 2) for _ in range(2))
    first.write(pcm(1, 2))
    with pytest.raises(FileExistsError):
        second.write(pcm(2, 2))
    second.drop()
    assert first.keep()
    assert set(read(path)[0].tolist()) == {1}


def test_a_kept_file_can_be_dropped(path: Path) -> None:
    """As when the disk answered after the end of the call."""
    file = GrowingWav(path, TELEPHONE_RATE_HZ, 2)
    file.write(pcm(1, 2))
    assert file.keep()
    file.drop()
    file.write(pcm(1, 2))
    assert list(path.parent.iterdir()) == []
