"""Answers that a person has approved: kept, in service, and heard by who asks in other words."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from agent.approving import Approving
from agent.models import path as model_path
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.faq import LONGEST_ANSWER, FaqRefusedError, FaqStore, NewFaq
from knowledge.answer import APPROVED, Answer, Inquiry, place_of
from knowledge.approved import Approved, ApprovedAnswer, Match, read_approved, write_approved
from knowledge.embeddings import Embedder, load_embedder
from knowledge.library import Library
from knowledge.likeness import Likeness, likeness
from knowledge.products import Product
from knowledge.shelf import beside_manuals
from knowledge.spoken import normalise

WIFI = NewFaq(
    "Mon lave-linge peut-il se connecter au wifi ?",
    "Non, ce lave-linge ne se connecte pas au wifi. Tout se règle sur le bandeau.",
    ("comment je connecte ma machine au wifi", "la machine ne capte pas ma box"),
    "lave-linge",
)
LONGER = NewFaq(
    "Puis-je prolonger la garantie ?",
    "Oui, à cinq ans, dans les trois mois après l'achat.",
    ("je voudrais rallonger la garantie", "l'extension de garantie c'est combien"),
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    """The real model."""
    settings = load_settings()
    return load_embedder(settings.embedding, model_path(settings, settings.embedding))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with the clients "acme" and "bora"."""
    made = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    made.migrate()
    ClientStore(made).add("acme", "Acmé")
    ClientStore(made).add("bora", "Bora")
    yield made
    made.close()


def best(approved: Approved, embedder: Embedder, words: str, **known: object) -> Match | None:
    """What is likeliest to be meant."""
    text = normalise(words)
    product, model = known.get("product"), known.get("model")
    given = known.get("given", ())
    assert isinstance(given, tuple)
    assert product is None or isinstance(product, Product)
    assert model is None or isinstance(model, str)
    return approved.best(text, embedder.query(text).vector, product, model, given)


def test_an_answer_from_new_to_gone(database: Database, tmp_path: Path, embedder: Embedder) -> None:
    """Kept and in service at each change; numbers are never given twice."""
    library = Library(tmp_path / "clients", embedder)
    approving = Approving(FaqStore(database), library)
    wifi, longer = approving.add("acme", WIFI, "u1"), approving.add("acme", LONGER, "u2")
    assert (wifi.number, longer.number, wifi.written_by) == (1, 2, "u1")
    assert wifi.new == WIFI
    served = library.approved("acme")
    assert served is not None
    assert [one.number for one in served.answers] == [1, 2]
    assert served.answers[0].parts == (WIFI.answer,)
    other = NewFaq(LONGER.question, "Non.", ("mon numéro est le 06 39 98 12 34",))
    assert approving.change("acme", longer.faq_id, other, "u1").changed_by == "u1"
    served = library.approved("acme")
    assert served is not None
    assert (served.answers[1].text, "98" in served.answers[1].variants[0]) == ("Non.", False)
    assert approving.remove("acme", longer.faq_id).new.answer == "Non."
    assert [one.number for one in approving.list("acme")] == [1]
    assert approving.add("acme", LONGER, "u1").number == 3
    with pytest.raises(NotKeptError):
        approving.remove("acme", longer.faq_id)


def test_a_client_has_its_own_answers(
    database: Database, tmp_path: Path, embedder: Embedder
) -> None:
    """Another's are not there, whatever is done with them."""
    library = Library(tmp_path / "clients", embedder)
    store = FaqStore(database)
    approving = Approving(store, library)
    mine = approving.add("acme", WIFI, "u1")
    assert (approving.list("bora"), library.approved("bora")) == ((), None)
    for act in (
        lambda: approving.change("bora", mine.faq_id, LONGER, "u1"),
        lambda: approving.remove("bora", mine.faq_id),
        lambda: store.get("bora", mine.faq_id),
        lambda: store.add_variants("bora", mine.faq_id, ["x"], "u1"),
    ):
        with pytest.raises(NotKeptError):
            act()
    assert approving.list("acme") == (mine,)


def test_what_was_kept_is_put_in_service_at_the_next_start(
    database: Database, tmp_path: Path, embedder: Embedder
) -> None:
    """A process died between the two; or the file was lost, or is damaged."""
    FaqStore(database).add("acme", WIFI, "u1")
    folder = tmp_path / "clients" / "acme"
    for damage in (lambda: None, lambda: (folder / "approved.npz").write_bytes(b"PK half")):
        damage()
        library = Library(tmp_path / "clients", embedder)
        assert library.approved("acme") is None
        Approving(FaqStore(database), library).reconcile(["acme", "bora"])
        served = library.approved("acme")
        assert served is not None
        assert served.answers[0].question == WIFI.question
    assert not (tmp_path / "clients" / "bora").exists()


def test_two_who_approve_at_once_are_both_heard(database: Database) -> None:
    """Whoever read the list first must not write it last."""
    store, read = FaqStore(database), threading.Event()
    put: list[list[str]] = []

    class Slow:
        def approve(self, slug: str, answers: Sequence[ApprovedAnswer]) -> None:
            if not read.is_set():  # the first one is overtaken here, if it can be
                read.set()
                time.sleep(0.3)
            put.append([one.question for one in answers])

    approving = Approving(store, cast(Library, Slow()))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(approving.add, "acme", WIFI, "u1")
        assert read.wait(10)
        approving.add("acme", LONGER, "u2")
        first.result(10)
    assert put[-1] == [WIFI.question, LONGER.question]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewFaq(" ? ", "Non."), "Écrivez la question"),
        (NewFaq("Pourquoi ?", " … "), "Écrivez la réponse"),
        (NewFaq("Pourquoi ?", "a" * (LONGEST_ANSWER + 1)), "601 signes"),
        (NewFaq("Pourquoi ?", "Voyez www.acme.example."), "adresse internet"),
    ],
)
def test_what_is_no_answer_is_refused(database: Database, new: NewFaq, said: str) -> None:
    """One sentence says why; nothing is kept."""
    store = FaqStore(database)
    with pytest.raises(FaqRefusedError, match=said):
        store.add("acme", new, "u1")
    assert store.list("acme") == ()


def test_who_asks_in_other_words_is_found(tmp_path: Path, embedder: Embedder) -> None:
    """And not who asks for something else, of another appliance or model, or after it was said."""
    wifi = ApprovedAnswer(1, WIFI.question, WIFI.variants, (WIFI.answer,), "lave-linge", ("LV450",))
    longer = ApprovedAnswer(2, LONGER.question, LONGER.variants, (LONGER.answer,))
    write_approved(tmp_path, [wifi, longer], embedder)
    approved = read_approved(tmp_path)
    assert approved is not None
    washer = Product("lave-linge", ("LV450", "LV470"))
    words = "est-ce qu'on peut mettre le lave-linge sur le réseau wifi de chez moi"
    sure = best(approved, embedder, words, product=washer, model="LV450")
    assert sure is not None
    assert (sure.answer, sure.is_sure) == (wifi, True)
    unsure = best(approved, embedder, words, product=washer)
    assert unsure is not None
    assert (unsure.answer, unsure.is_sure, unsure.is_likely) == (wifi, False, True)
    for known in (
        {"product": Product("four", ("FR610",))},
        {"product": washer, "model": "LV470"},
        {"product": washer, "model": "LV450", "given": ("approved-1",)},
    ):
        other = best(approved, embedder, words.replace("le lave-linge", "l'appareil"), **known)
        assert other is None or other.answer == longer
    guarantee = best(approved, embedder, "j'aimerais une garantie plus longue")
    assert guarantee is not None
    assert (guarantee.answer, guarantee.is_likely) == (longer, True)
    far = best(approved, embedder, "comment je nettoie le filtre de la pompe")
    assert far is not None
    assert not far.is_likely
    assert best(approved, embedder, "le code E20 et la garantie") is None


def test_what_was_embedded_stays(tmp_path: Path, embedder: Embedder) -> None:
    """A change of one answer leaves the others' vectors as they are, to the bit."""
    wifi = ApprovedAnswer(1, WIFI.question, WIFI.variants, (WIFI.answer,))
    longer = ApprovedAnswer(2, LONGER.question, LONGER.variants, (LONGER.answer,))
    before = write_approved(tmp_path, [wifi, longer], embedder)
    after = write_approved(tmp_path, [longer], embedder)
    assert (after.asked == before.asked[3:]).all()
    assert (after.wholes == before.wholes[1:]).all()
    assert after.owners == [0, 0, 0]


def test_the_manuals_and_an_approved_answer() -> None:
    """What is sure comes first; of two that are not, the likelier, the other as second guess."""
    answer = ApprovedAnswer(4, "Pourquoi ?", (), ("R.",))
    wide = learned()
    match = Match(answer, 0.5, wide)
    said = Answer("answer", "Sûr.", ("Sûr.",), 0.9)
    assert beside_manuals(match, said) is said
    stands = Answer("handoff", reason="autre appareil : hotte")
    assert beside_manuals(match, stands) is stands
    found = beside_manuals(match, Answer("handoff", reason="réponse pas assez sûre"))
    assert (found.decision, found.topic, found.text) == ("confirm", "pourquoi", "R.")
    assert found.evidence[0].place == "Réponse approuvée n° 4"
    likelier = Answer("confirm", "M.", ("M.",), 0.6, topic="M ?")
    both = beside_manuals(match, likelier)
    assert (both.topic, both.other and both.other.topic) == ("M ?", "pourquoi")
    less = beside_manuals(match, Answer("confirm", "M.", ("M.",), 0.4, topic="M ?"))
    assert (less.topic, less.other and less.other.topic) == ("pourquoi", "M ?")


def learned() -> Likeness:
    """Thresholds of the model."""
    found = likeness("embeddinggemma-sav")
    assert found is not None
    return found


def test_places_are_said_as_people_say_them() -> None:
    """A page of a manual; an approved answer."""
    assert place_of("a.pdf", 3) == "a.pdf, page 3"
    assert place_of(APPROVED, 3) == "Réponse approuvée n° 3"


def test_the_next_caller_hears_it(settings: Settings, embedder: Embedder) -> None:
    """With real manuals: what was handed over is answered, whatever the draft; then no more."""
    database = Database(settings.database)
    library = Library(settings.data_dir / "clients", embedder)
    approving = Approving(FaqStore(database), library)
    asked = Inquiry("est-ce qu'on peut mettre le lave-linge sur le réseau wifi de chez moi")
    try:
        assert library.answer("orvane", asked).decision == "handoff"
        made = approving.add("orvane", WIFI, "u1")
        for draft in (False, True):
            found = library.answer("orvane", asked, draft=draft)
            assert (found.decision, found.text) == ("answer", WIFI.answer)
            assert (found.evidence[0].manual, found.evidence[0].page) == (APPROVED, made.number)
        assert library.answer("orvane", Inquiry("ça sent le gaz et le wifi")).decision == "safety"
        coded = library.answer("orvane", Inquiry("Mon lave-linge affiche E20"))
        assert (coded.decision, coded.evidence[0].page) == ("answer", 14)
        approving.remove("orvane", made.faq_id)
        assert library.answer("orvane", asked).decision == "handoff"
    finally:
        library.close()
        database.close()
