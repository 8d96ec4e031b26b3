"""A local chat model against the extractive answers: what it changes, what the check refuses.

    permanence models pull qwen2.5-coder-1.5b
    python -m evals.local_llm [evals/data/development.jsonl] [--questions 40] [--budget 8] [--show]

Starts llama.cpp's OpenAI-compatible server on loopback in a throw-away environment of its own
(PERMANENCE_HOME/cache), asks the questions once, and puts each answer through the model.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from agent.models import path as model_path
from agent.opening import open_library
from agent.settings import Settings, load_settings
from evals.questions import DATA, Question, read_questions, verdict
from knowledge.answer import Answer
from knowledge.llm import ChatWriter, Rephrased, load_writer

MODEL = "qwen2.5-coder-1.5b"
SERVER = "xllamacpp==2026.10.11549"
START_S = 120.0
SERVE = """
import sys, threading
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.hostnames = ["127.0.0.1"]
params.n_ctx, params.n_parallel, params.cache_prompt = 4096, 1, True
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(sys.argv[3])
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
threading.Event().wait()
"""


def environment(settings: Settings) -> Path:
    """The Python of a throw-away environment that holds the server; made once (blocks)."""
    folder = settings.home / "cache" / "llama-server"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", SERVER]
        subprocess.run(pip, check=True)
        (folder / "ready").touch()
    return python


@contextmanager
def served(settings: Settings, threads: int) -> Iterator[tuple[str, psutil.Process]]:
    """Base URL of the model's server, and its process, while the context lasts."""
    weights = model_path(settings, MODEL) / "model.gguf"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (settings.home / "cache" / "llama-server.log").open("wb")
    command = [str(environment(settings)), "-c", SERVE, str(weights), str(port), str(threads)]
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/v1", psutil.Process(server.pid)
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(timeout=10)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise SystemExit(
        "The server did not start: read llama-server.log in the cache folder of PERMANENCE_HOME."
    )


def spoken(
    settings: Settings, client: str, questions: list[Question]
) -> list[tuple[Question, Answer]]:
    """The questions whose answer is spoken at once, with that answer."""
    library = open_library(settings)
    try:
        answers = [(question, library.ask(client, question.text)) for question in questions]
    finally:
        library.close()
    return [(question, answer) for question, answer in answers if answer.decision == "answer"]


def rewrite(
    writer: ChatWriter, answers: list[tuple[Question, Answer]], *, show: bool
) -> list[tuple[Question, Answer, Rephrased]]:
    """Put every answer through the model, printing as it goes."""
    results = []
    for question, answer in answers:
        passages = [answer.evidence[0].text]
        written = writer.write(question.text, answer.parts, passages)
        results.append((question, answer, written))
        if show:
            print(f"\n{question.text}\n  [{written.changed} changed; {written.reason or 'whole'}]")
            for before, after in zip(answer.parts, written.parts, strict=True):
                print(f"  = {before}" if before == after else f"  - {before}\n  + {after}")
            sys.stdout.flush()
    return results


def summary(results: list[tuple[Question, Answer, Rephrased]]) -> str:
    """A few lines of figures."""
    asked = [written for _, _, written in results if written.total_ms]
    kinds = Counter(w.reason.partition(":")[0] for w in asked if w.reason)
    seconds = sorted(w.total_ms / 1000 for w in asked) or [0.0]
    first = sorted(w.first_ms / 1000 for w in asked if w.first_ms) or [0.0]
    wrong = sum(verdict(q, a) == "wrong" for q, a, _ in results)
    parts = sum(len(a.parts) for _, a, _ in results)
    return "\n".join(
        [
            f"answers spoken {len(results)}, with something to rephrase {len(asked)}; "
            f"wrong {wrong}, with the model and without: it never chooses the passage",
            f"answers changed {sum(bool(w.changed) for w in asked)}, "
            f"parts changed {sum(w.changed for w in asked)} of {parts}",
            "stopped by: " + (", ".join(f"{k} {n}" for k, n in kinds.most_common()) or "nothing"),
            f"first word: median {statistics.median(first):.1f} s, p95 {_p95(first):.1f} s; "
            f"all told: median {statistics.median(seconds):.1f} s, p95 {_p95(seconds):.1f} s",
        ]
    )


def _p95(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]


def main() -> None:
    """Read the command line, serve, ask, print."""
    parser = argparse.ArgumentParser(description="What a local chat model makes of the answers.")
    parser.add_argument("file", type=Path, nargs="?", default=DATA / "development.jsonl")
    parser.add_argument("--client", default="orvane")
    parser.add_argument("--questions", type=int, default=40, help="how many at most")
    parser.add_argument("--budget", type=float, default=8.0, help="seconds an answer")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the server")
    parser.add_argument("--show", action="store_true", help="print every part that changed")
    given = parser.parse_args()
    settings = load_settings()
    answers = spoken(settings, given.client, read_questions(given.file)[: given.questions])
    with served(settings, given.threads) as (url, server):
        writer = load_writer(f"openai:{MODEL}", base_url=url, budget_s=given.budget)
        try:
            writer.write("", ("Fermez la porte.",), ["Fermez la porte."])  # fills the prompt cache
            before = server.cpu_times()
            results = rewrite(writer, answers, show=given.show)
            spent = server.cpu_times()
        finally:
            writer.close()
    print(summary(results))
    seconds = spent.user + spent.system - before.user - before.system
    print(f"the server's CPU time: {seconds / max(1, len(results)):.1f} s an answer")


if __name__ == "__main__":
    main()
