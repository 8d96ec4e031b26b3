"""Two clients with the same file names and codes and opposite facts never see each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest

from knowledge.ingest import ingest
from knowledge.library import Library
from knowledge.lifecycle import forget
from tests.builders import PdfBuilder
from tests.remembered import Remembered

QUESTIONS = 2_000
THREADS = 4
CLIENTS = ("rouge", "bleu")
APPLIANCES = {"linge.pdf": "Lave-linge ZX100", "four.pdf": "Four FT200"}
FACTS = {
    "rouge": ("tournez à gauche", "le filtre est sale", "Rincez le filtre rouge", "six litres"),
    "bleu": ("tournez à droite", "la porte est ouverte", "Fermez la porte bleue", "neuf litres"),
}
ASKED = (
    "affiche E2", "affiche E deux", "affiche E1", "combien de litres", "comment nettoyer le filtre",
    "dans quel sens faut-il tourner le bouchon", "la porte est ouverte", "le filtre est sale",
    "que faire si le code revient", "combien d'eau pour le programme rapide",
)  # fmt: skip
NAMED = ("mon lave-linge", "mon four", "mon ZX100", "mon FT200", "il", "la machine")
"""How a question begins; with `ASKED`, sixty different ones."""


def manual(file: Path, client: str, edition: int = 1) -> Path:
    """A manual in which every passage says what the other client's denies."""
    turn, meaning, remedy, litres = FACTS[client]
    pdf = PdfBuilder(file)
    pdf.cover(APPLIANCES[file.name])
    pdf.heading("1. Nettoyer le filtre")
    pdf.text(f"1. Pour le bouchon, {turn}.", f"2. {remedy} de l'édition {edition}.")
    pdf.heading("2. Codes d'erreur")
    rows = [[code, meaning, f"1. {remedy}. 2. Relancez."] for code in ("E1", "E2")]
    pdf.table([["Code", "Signification", "Que faire"], *rows], [40, 130, 280])
    pdf.heading("3. Caractéristiques")
    pdf.text(f"Le programme rapide consomme {litres}, édition {edition}.")
    return pdf.save()


@pytest.fixture(scope="module")
def embedder() -> Remembered:
    """The small model."""
    return Remembered()


@pytest.fixture
def library(tmp_path: Path, embedder: Remembered) -> Iterator[Library]:
    """Both clients' manuals, in service."""
    for client in CLIENTS:
        (tmp_path / client).mkdir()
        files = [manual(tmp_path / client / name, client) for name in APPLIANCES]
        ingest(tmp_path / "clients" / client, files, embedder)
    opened = Library(tmp_path / "clients", embedder)
    yield opened
    opened.close()


def texts(library: Library, client: str) -> set[str]:
    """All that the client's manuals in service say."""
    return {passage.text for passage in library.shelf(client).retriever.collection.passages}


def misplaced(library: Library, share: int, others: dict[str, set[str]]) -> list[str]:
    """Ask a thread's share of the questions, the clients in turn; what came from the other one."""
    asked = [f"{who} {what}" for who, what in product(NAMED, ASKED)]
    wrong = []
    for number in range(share, QUESTIONS, THREADS):
        client = CLIENTS[(number // THREADS) % 2]
        answer = library.ask(client, asked[number * 7 % len(asked)])
        said = [evidence.text for evidence in answer.evidence]
        wrong += [text for text in said if text in others[client]]
        wrong += [fact for fact in FACTS[_other(client)] if fact in answer.text]
    return wrong


def _other(client: str) -> str:
    return CLIENTS[1 - CLIENTS.index(client)]


def test_no_passage_of_the_other_client(
    library: Library, tmp_path: Path, embedder: Remembered
) -> None:
    """2,000 questions from four threads, while one client's manuals change all the time."""
    said = {client: texts(library, client) for client in CLIENTS}
    assert not said["rouge"] & said["bleu"]
    others = {client: said[_other(client)] for client in CLIENTS}
    assert any(library.ask(client, "mon four affiche E2").evidence for client in CLIENTS)
    done = threading.Event()

    def change() -> int:
        editions = 1
        while not done.is_set() or editions < 3:
            editions += 1
            file = manual(tmp_path / "rouge" / "four.pdf", "rouge", editions)
            ingest(tmp_path / "clients" / "rouge", [file], embedder)
        return editions

    with ThreadPoolExecutor(THREADS + 1) as pool:
        changing = pool.submit(change)
        try:
            shares = [pool.submit(misplaced, library, i, others) for i in range(THREADS)]
            wrong = [text for share in shares for text in share.result()]
        finally:
            done.set()
    assert wrong == []
    assert changing.result() >= 3
    assert any(f"édition {changing.result()}" in text for text in texts(library, "rouge"))
    assert texts(library, "bleu") == said["bleu"]


def test_deleting_one_clients_manual_leaves_the_others(library: Library, tmp_path: Path) -> None:
    """The same file name, the other client: untouched."""
    before = texts(library, "bleu")
    forget(tmp_path / "clients" / "rouge", ["four.pdf"])
    assert texts(library, "bleu") == before
    assert "Rincez le filtre rouge" not in library.ask("rouge", "mon FT200 affiche E2").text
    assert "Fermez la porte bleue" in library.ask("bleu", "mon FT200 affiche E2").text
