"""A headless Chromium whose microphone is a WAV file; it can be killed as a crash would kill it."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from urllib3.exceptions import HTTPError

from agent.audio import Samples
from agent.errors import PermanenceError

EAR_RATE_HZ = 16_000

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--use-fake-device-for-media-stream",
)

KEEP_PEERS = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.peers.push(this); }
};
"""

_LISTEN = f"""
const [receiver] = window.peers.at(-1).getReceivers();
window.ear?.context.close();
window.ear = {{context: new AudioContext({{sampleRate: {EAR_RATE_HZ}}}), heard: []}};
const source = window.ear.context.createMediaStreamSource(new MediaStream([receiver.track]));
const tap = window.ear.context.createScriptProcessor(4096, 1, 1);
const ear = window.ear;
tap.onaudioprocess = ({{inputBuffer}}) => ear.heard.push(inputBuffer.getChannelData(0).slice());
source.connect(tap); tap.connect(window.ear.context.destination);
window.ear.nodes = [source, tap];
"""

_HEARD = """
const total = window.ear.heard.reduce((count, block) => count + block.length, 0);
const all = new Int16Array(total);
let at = 0;
for (const block of window.ear.heard) for (const x of block)
  all[at++] = Math.max(-1, Math.min(1, x)) * 32767;
const bytes = new Uint8Array(all.buffer);
let text = "";
for (let from = 0; from < bytes.length; from += 8192)
  text += String.fromCharCode(...bytes.subarray(from, from + 8192));
return btoa(text);
"""

_CONCEALED = """
return window.peers.at(-1).getStats().then((stats) => {
  const audio = [...stats.values()].find((one) => one.type === "inbound-rtp");
  return audio ? audio.concealedSamples / Math.max(1, audio.totalSamplesReceived) : 1;
});
"""


@dataclass
class Browser:
    """A browser of ours.

    Attributes:
        driver: Drives it.
        profile: Folder that is deleted with it.
    """

    driver: webdriver.Chrome
    profile: Path

    def listen(self) -> None:
        """Record from now on what the page's last peer connection receives."""
        self.driver.execute_script(_LISTEN)

    def heard(self) -> Samples:
        """What was received since `listen`, int16 at `EAR_RATE_HZ`."""
        pcm = base64.b64decode(self.driver.execute_script(_HEARD))
        return np.frombuffer(pcm, "<i2").astype(np.int16)

    def concealed(self) -> float:
        """Share of what the page's last peer connection has played that it had to make up."""
        return float(self.driver.execute_script(_CONCEALED))

    def kill(self) -> None:
        """Kill Chromium, all its processes at once, as the system would; its driver goes too."""
        driver = psutil.Process(self.driver.service.process.pid)
        groups = set()
        for process in driver.children(recursive=True):
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                groups.add(os.getpgid(process.pid))
        for group in groups - {os.getpgid(0)}:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def close(self) -> None:
        """Quit it, whether it still lives or not."""
        with suppress(WebDriverException, HTTPError, OSError):
            self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


@contextmanager
def browser(wav: Path | None = None, *, once: bool = False) -> Iterator[Browser]:
    """A browser; closed at the end.

    Args:
        wav: What its microphone hears, from the moment at which a page opens it; None: beeps.
        once: Not over and over again.

    Raises:
        PermanenceError: There is no Chromium here.
    """
    opened = _open(wav, once=once)
    try:
        yield opened
    finally:
        opened.close()


def _open(wav: Path | None, *, once: bool) -> Browser:
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if found[0] is None or found[1] is None:
        raise PermanenceError("There is no Chromium here: apt-get install chromium-driver chromium")
    profile = Path(tempfile.mkdtemp(prefix="chromium-"))
    options = webdriver.ChromeOptions()
    options.binary_location = found[0]
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument("--use-fake-ui-for-media-stream")
    options.add_argument(f"--user-data-dir={profile}")
    if wav is not None:
        options.add_argument(f"--use-file-for-fake-audio-capture={wav}{'%noloop' if once else ''}")
    service = Service(found[1], popen_kw={"start_new_session": True})
    driver = webdriver.Chrome(options=options, service=service)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": KEEP_PEERS})
    return Browser(driver, profile)
