"""What is kept of a conversation for the brief, move by move."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.call.dialogue import (
    Found,
    Heard,
    KeepDetail,
    KeepNumber,
    Key,
    OpenTicket,
    Started,
    State,
    step,
)
from agent.call.errands import Errands
from agent.call.handover import NoOperators
from agent.call.record import CallRecord, Handoff, HandoffRequest, Sourced, Story
from agent.call.story import (
    bare,
    calls_service,
    mooded,
    product_told,
    settled,
    tells_matter,
)
from agent.call.turn_log import TurnLog
from agent.handoff.brief import brief_of
from knowledge.answer import OTHER_BRAND, UNKNOWN_CODE, Answer, Evidence, Sensed
from knowledge.safety import fold

LV450 = "lave-linge LV450"
PAGE = "lv450.pdf, page 14"
CODE = Answer(
    "answer", "", ("D'accord, j'ai trouvé ce code. Redressez le tuyau.", "Nettoyez le filtre.",
                   "Relancez."), 0.97, LV450, "error_code",
    evidence=(Evidence("lv450.pdf", 14, "p1", "E20"),),
)  # fmt: skip
CAPACITY = Answer("answer", "", ("Huit kilos.",), 0.9, LV450, "specification",
                  evidence=(Evidence("lv450.pdf", 20, "p2", "8 kg"),))  # fmt: skip
GUESS = Answer("confirm", "", ("Nettoyez.",), 0.6, LV450, "trouble", topic="bruit",
               evidence=(Evidence("lv450.pdf", 16, "p3", "Bruit | Nettoyez."),))  # fmt: skip
E20 = "mon lave-linge affiche E20"


def after(*events: Heard | Found | Key) -> State:
    """The conversation after these."""
    state, _ = step(State("Orvane", caller_number="0639981234"), Started())
    for event in events:
        state, _ = step(state, event)
    return state


STEPS = (Heard(E20), Found(CODE))


@pytest.mark.parametrize(
    ("said", "results"),
    [
        ((), ["unknown"]),
        (("c'est fait",), ["done", "unknown"]),
        (("Attendez… voilà, c'est fait.",), ["done", "unknown"]),
        (("Ah oui, il y avait une louche coincée dedans. C'est fait.",), ["done", "unknown"]),
        (("c'est fait mais E20 revient toujours",), ["no_help", "unknown"]),
        (("c'est où ?",), ["asked"]),
        (("c'est où ?", "c'est fait"), ["done", "unknown"]),
        (("je n'y arrive pas",), ["not_done"]),
        (("ça remarche !",), ["helped"]),
        (("passez-moi un conseiller",), ["unknown"]),
        (("c'est fait", "c'est fait", "oui, merci"), ["done", "done", "helped"]),
        (("c'est fait", "c'est fait", "non, c'est pareil"), ["done", "done", "no_help"]),
        (("c'est fait", "c'est fait", "oui, ça me rassure, merci"), ["done", "done", "helped"]),
        (("c'est fait", "c'est fait", "oui, l'eau arrive"), ["done", "done", "helped"]),
        (
            ("c'est fait", "c'est fait", "ah très bien, me voilà rassurée"),
            ["done", "done", "helped"],
        ),
        (("c'est fait", "c'est fait", "oui, mais l'eau reste"), ["done", "done", "unknown"]),
        (
            ("c'est fait", "c'est fait", "oui, j'ai aussi un souci avec la porte"),
            ["done", "done", "unknown"],
        ),
    ],
)
def test_what_came_of_each_step(said: tuple[str, ...], results: list[str]) -> None:
    """As the caller says it; of the one that they are at nothing is known yet."""
    state = after(*STEPS, *(Heard(text) for text in said))
    assert [one.result for one in state.story.steps] == results


def test_steps_are_kept_without_the_words_that_open_them() -> None:
    """With the page that they stand on."""
    story = after(*STEPS).story
    assert story.said == (Sourced("Redressez le tuyau.", PAGE),)
    assert [(one.text, one.page) for one in story.steps] == [("Redressez le tuyau.", PAGE)]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ((), ["Redressez le tuyau.", "Nettoyez le filtre.", "Relancez."]),
        (("c'est fait",), ["Nettoyez le filtre.", "Relancez."]),
        (("c'est fait", "je n'y arrive pas"), ["Nettoyez le filtre.", "Relancez."]),
        (("ça remarche !",), []),
        (("c'est fait", "c'est fait", "oui, merci"), []),
        (("au fait, ça prend combien de kilos ?",), ["Redressez le tuyau.", "Nettoyez le filtre.",
                                                     "Relancez."]),
    ],
)  # fmt: skip
def test_what_is_left_to_try(said: tuple[str, ...], left: list[str]) -> None:
    """The step that is not done first; a question on the way does not change it."""
    assert [one.text for one in after(*STEPS, *(Heard(text) for text in said)).story.left] == left


def test_a_question_on_the_way_is_answered_and_is_no_step() -> None:
    """It is told what was said, and the problem stays."""
    story = after(*STEPS, Heard("ça prend combien de kilos ?"), Found(CAPACITY)).story
    assert story.said[-1] == Sourced("Huit kilos.", "lv450.pdf, page 20")
    assert len(story.steps) == 1
    assert story.problem == E20


@pytest.mark.parametrize(
    ("events", "problem", "earlier"),
    [
        ((Heard("un conseiller"),), "", ()),
        ((Heard("passez-moi un conseiller, mon four ne chauffe plus"),),
         "passez-moi un conseiller, mon four ne chauffe plus", ()),
        ((Heard("c'est une honte"),), "", ()),
        (STEPS, E20, ()),
        ((*STEPS, Heard("j'en ai marre")), E20, ()),
        ((*STEPS, Heard("passez-moi quelqu'un")), E20, ()),
        ((*STEPS, Heard("rappelez-moi ce soir")), E20, ()),
        ((Heard(E20), Found(GUESS), Heard("oui, mais je ne suis pas chez moi")), E20, ()),
        ((Heard(E20), Found(GUESS), Heard("non, c'est un LV450")), E20, ()),
        ((*STEPS, Heard("ça remarche !"), Heard("et mon four, comment régler l'heure ?")),
         "et mon four, comment régler l'heure ?", (E20,)),
        ((*STEPS, Heard("il y a de la fumée", sensed=True, danger=Sensed("fire"))),
         "il y a de la fumée", (E20,)),
        ((Heard("mon lave-vaisselle affiche E33, et après j'aurai autre chose"),),
         "mon lave-vaisselle affiche E33, et après j'aurai autre chose", ()),
    ],
)  # fmt: skip
def test_the_problem_is_in_the_caller_s_own_words(
    events: tuple[Heard | Found, ...], problem: str, earlier: tuple[str, ...]
) -> None:
    """A complaint or « passez-moi quelqu'un » does not replace it; a new one and a danger do."""
    story = after(*events).story
    assert (story.problem, story.earlier) == (problem, earlier)


@pytest.mark.parametrize(
    ("events", "language"),
    [
        ((Heard("passez-moi un conseiller"),), "fr"),
        ((Heard("Hello, do you speak English? My oven is not working."),), "en"),
        ((Heard("je voudrais un conseiller qui parle espagnol"),), "es"),
        ((Heard("quelqu'un qui parle anglais, s'il vous plaît ? Je veux un conseiller"),
          Heard("merci")), "en"),
    ],
)  # fmt: skip
def test_the_language_that_an_operator_should_speak(
    events: tuple[Heard, ...], language: str
) -> None:
    """What is asked for stays."""
    assert after(*events).story.language == language


def test_a_correction_stands_beside_the_problem() -> None:
    """« Non, c'est un LV900 » is the same matter."""
    state = after(Heard(E20), Found(GUESS), Heard("non, c'est un LV900"))
    assert state.problem == f"{E20} non, c'est un LV900"
    assert state.story.reference == "LV900"


@pytest.mark.parametrize(
    ("events", "lead"),
    [
        ((), Sourced("Bruit | Nettoyez.", "lv450.pdf, page 16")),
        ((Heard("passez-moi quelqu'un"),), Sourced("Bruit | Nettoyez.", "lv450.pdf, page 16")),
        ((Heard("mais non, passez-moi quelqu'un"),), None),
        ((Heard("non"),), None),
        ((Heard("non, c'est le lave-vaisselle"),), None),
        ((Heard("oui"),), None),
    ],
)
def test_a_guess_is_a_lead_until_it_is_answered(
    events: tuple[Heard, ...], lead: Sourced | None
) -> None:
    """What the caller denied, and what they were told since, is none."""
    assert after(Heard("un bruit dans mon lave-linge"), Found(GUESS), *events).story.lead == lead


@pytest.mark.parametrize(
    ("texts", "mood"),
    [
        (("bonjour",), "calm"),
        (("c'est inadmissible",), "upset"),
        (("vous vous fichez de moi ?",), "upset"),
        (("bande de voleurs",), "insulting"),
        (("bande de voleurs", "merci", "c'est nul"), "insulting"),
    ],
)
def test_the_worst_mood_stays(texts: tuple[str, ...], mood: str) -> None:
    """A polite word does not make it good."""
    state = State("Orvane")
    for text in texts:
        state = mooded(state, text)
    assert state.story.mood == mood


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("", False),
        ("un conseiller, s'il vous plaît", False),
        ("je veux quelqu'un tout de suite", False),
        ("madame Martin à l'appareil, je voudrais parler à un conseiller", False),
        ("un conseiller, mon four ne chauffe plus", True),
        ("je veux qu'on me rappelle, il fait sauter le disjoncteur", True),
        ("ça fait trois fois que j'appelle, vous êtes des incapables", False),
        ("votre machine de merde affiche encore E20", True),
        ("comment je règle l'heure ?", True),
    ],
)
def test_whether_words_tell_what_it_is_about(text: str, tells: bool) -> None:
    """Who only wants a person, or only complains, is asked what it is about."""
    assert tells_matter(text) is tells


@pytest.mark.parametrize(
    ("story", "tried", "product", "told"),
    [
        (Story(), (), None, None),
        (Story(named=("lave-linge",), appliance="lave-linge"), (), LV450, "lave-linge"),
        (Story(named=("lave-linge",), appliance="lave-linge", reference="LV450"), (), LV450, LV450),
        (Story(named=("lave-linge",), said=(Sourced("Redressez."),)), (), LV450, LV450),
        (Story(), ("Le bruit, pour le lave-linge LV450. C'est bien ça ?",), LV450, LV450),
        (Story(), (), LV450, None),
        (Story(named=("réfrigérateur",), appliance="réfrigérateur"), (), LV450, "réfrigérateur"),
        (Story(named=("four",), appliance="four"), (), None, "four"),
    ],
)
def test_a_brief_names_no_appliance_that_only_the_manuals_do(
    story: Story, tried: tuple[str, ...], product: str | None, told: str | None
) -> None:
    """Its reference only if it was told on either side, or its manual was used."""
    assert product_told(replace(State("Orvane"), story=story, tried=tried), product) == told


@pytest.mark.parametrize(
    ("part", "service"),
    [
        ("Si E20 revient, appelez le service après-vente.", True),
        ("Faites remplacer le joint par le service après-vente.", True),
        ("Le câble ne peut être remplacé que par le service après-vente.", True),
        ("Revissez le filtre à fond.", False),
    ],
)
def test_what_a_manual_leaves_to_the_service_is_no_step(part: str, service: bool) -> None:
    """That is whom the caller has rung."""
    assert calls_service(part) is service


def test_openings_are_only_openings() -> None:
    """The rest stands as it is."""
    assert bare("Alors, je vois ce que c'est. Ouvrez.") == "Ouvrez."
    assert bare("Ouvrez. Alors, je vois ce que c'est.") == "Ouvrez. Alors, je vois ce que c'est."


def test_what_was_tried_in_vain_is_not_advised_again() -> None:
    """Cause: 40 turns round the same three causes, each confirmed anew."""
    failed = (Heard("c'est fait"), Heard("c'est fait"), Heard("non, c'est pareil"))
    _, actions = step(after(*STEPS, *failed), Found(CODE))
    assert [type(action).__name__ for action in actions] == ["OpenTicket"]


@pytest.mark.parametrize(
    ("reason", "words"), [(UNKNOWN_CODE, "me le relire"), (OTHER_BRAND, "pour une autre marque")]
)
def test_an_unknown_code_is_read_again_and_another_brand_is_said_once(
    reason: str, words: str
) -> None:
    """Nobody is handed over for a code that was read wrong; the second time somebody is."""
    unknown = Found(Answer("handoff", product=LV450, reason=f"{reason} : x"))
    state, (said,) = step(after(Heard("mon lave-linge affiche E22")), unknown)
    assert words in fold(said.text)  # type: ignore[union-attr]
    state, _ = step(state, Heard("E22, oui, sur le lave-linge"))
    state, (opened,) = step(state, unknown)
    assert type(opened).__name__ == "OpenTicket"


class Desk:
    """Requests in a list; a brief of each."""

    def __init__(self) -> None:
        self.opened: list[HandoffRequest] = []

    def open(self, request: HandoffRequest) -> Handoff:
        """Keep it."""
        self.opened.append(request)
        return Handoff("T-1", request.urgency, brief_of(request))

    def update(self, handoff: Handoff, request: HandoffRequest) -> Handoff:
        """Keep it; number and details are those of the handoff."""
        self.opened.append(request)
        brief, before = brief_of(request), handoff.brief
        kept = replace(brief, caller_number=before.caller_number, details=before.details)
        return replace(handoff, brief=kept)

    def set_number(self, handoff: Handoff, caller_number: str) -> Handoff:
        """Keep the number."""
        return replace(handoff, brief=replace(handoff.brief, caller_number=caller_number))

    def set_detail(self, handoff: Handoff, field: str, value: str) -> Handoff:
        """Keep the detail."""
        details = {**handoff.brief.details, field: value}
        return replace(handoff, brief=replace(handoff.brief, details=details))


async def test_an_open_ticket_follows_what_is_told_after_it() -> None:
    """The steps given since; what it is about, the number and the name stay; else no word."""
    record, desk = CallRecord("c", "orvane", datetime(2026, 11, 27, tzinfo=UTC)), Desk()
    with ThreadPoolExecutor(1) as blocking:
        errands = Errands(
            record, TurnLog(record, None, None), ask=None, sense=None, desk=desk,
            operators=NoOperators(), blocking=blocking,
        )  # type: ignore[arg-type]  # fmt: skip
        asked = after(Heard("c'est combien, un joint de lave-linge ?"))
        await errands.open_ticket(OpenTicket("unsure", asked.problem, (), LV450), asked)
        await errands.keep(KeepNumber("T-1", "0639981234"))
        await errands.keep(KeepDetail("T-1", "name", "Martin"))
        await errands.keep_told(replace(asked, ticket_id="T-1"))
        assert len(desk.opened) == 1
        state = after(Heard(asked.problem), *STEPS, Heard("c'est fait"))
        await errands.keep_told(settled(state))  # what an operator has settled stays as it was
        assert len(desk.opened) == 1
        await errands.keep_told(replace(state, ticket_id="T-1"))
    assert record.handoff is not None
    brief = record.handoff.brief
    assert (brief.caller_number, brief.details) == ("0639981234", {"name": "Martin"})
    assert (brief.question, brief.earlier) == (asked.problem, ())
    assert [one.result for one in brief.steps] == ["done", "unknown"]
    assert len(desk.opened) == 2
