"""Courses of the sub-dialogue, turn by turn: what is asked, read back, captured or given up."""

from __future__ import annotations

import random
from datetime import date

import pytest

from agent.call import capture as capturing
from agent.call.capture import Ask, Capture, Captured, Field, GivenUp, Move, Stage
from agent.call.capture.fields import said
from agent.call.capture.replies import reply_in
from voices.prompts import prompt, prompts

TODAY = date(2026, 3, 18)
KNOWN = ("LV450X", "LV460", "WAN28282FF", "BI-C640", "DW600")

Course = tuple[Field, str, str]

COURSES: list[Course] = [
    # The value at once, and a yes.
    ("phone", "06 39 98 12 34 / oui", "?+33639981234 =+33639981234"),
    ("name", "je m'appelle Martin / exactement", "?Martin =Martin"),
    ("reference", "elle vé 450 ixe / oui c'est ça", "?LV450X =LV450X"),
    ("purchase_date", "en mars 2024 / oui oui", "?2024-03 =2024-03"),
    ("email", "marie.durand@gmail.com / voilà", "?marie.durand@gmail.com =marie.durand@gmail.com"),
    ("postcode", "soixante-quinze zéro onze / ben oui", "?75011 =75011"),
    ("phone", "06 39 98 12 34 / oui c'est le 06 39 98 12 34", "?+33639981234 =+33639981234"),
    # A part or the whole corrected after the read-back.
    (
        "phone",
        "06 39 98 12 34 / non, douze trente-cinq à la fin / oui",
        "?+33639981234 ?+33639981235 =+33639981235",
    ),
    (
        "phone",
        "06 39 98 15 05 / non c'est quinze, pas cinq / oui",
        "?+33639981505 ?+33639981515 =+33639981515",
    ),
    (
        "phone",
        "06 39 98 12 34 / non, 06 39 98 12 43 / c'est bon",
        "?+33639981234 ?+33639981243 =+33639981243",
    ),
    (
        "phone",
        "06 39 98 12 34 / oui mais le dernier c'est 35 / oui",
        "?+33639981234 ?+33639981235 =+33639981235",
    ),
    (
        "phone",
        "06 39 98 12 34 / oui, 06 39 98 12 35 / oui",
        "?+33639981234 ?+33639981235 =+33639981235",
    ),
    ("name", "Martin / non, avec deux n / oui", "?Martin ?Martinn =Martinn"),
    ("name", "Martin / non, Martel, M A R T E L / oui", "?Martin ?Martel =Martel"),
    ("purchase_date", "mars 2024 / non, en avril / oui", "?2024-03 ?2024-04 =2024-04"),
    (
        "email",
        "marie.durand@gmail.com / non, orange point fr / oui",
        "?marie.durand@gmail.com ?marie.durand@orange.fr =marie.durand@orange.fr",
    ),
    ("reference", "P I C 640 / non c'est LV460 / oui", "?BI-C640 ?LV460 =LV460"),
    # A bare no: figure by figure, then the keys.
    (
        "phone",
        "06 39 98 12 34 / non / 0 6 3 9 9 8 1 2 3 5 / oui",
        "?+33639981234 slowly ?+33639981235 =+33639981235",
    ),
    (
        "phone",
        "06 39 98 12 34 / non / c'est trente-cinq à la fin / oui",
        "?+33639981234 slowly ?+33639981235 =+33639981235",
    ),
    (
        "phone",
        "06 39 98 12 34 / non / 06 39 98 12 34 / keys 0639981235 / oui",
        "?+33639981234 slowly keypad ?+33639981235 =+33639981235",
    ),
    (
        "phone",
        "bla bla / bla bla / keys 0639981234 / oui",
        "slowly keypad ?+33639981234 =+33639981234",
    ),
    ("phone", "bla bla / bla bla / bla bla / bla bla", "slowly keypad keypad failed"),
    ("phone", "bla bla / bla bla / hum / keys 0639981234 / oui",
     "slowly keypad keypad ?+33639981234 =+33639981234"),
    (
        "phone",
        "06 39 98 12 34 / non, c'est cinquante-deux / oui",
        "?+33639981234 ?+33639985234 =+33639985234",
    ),
    ("postcode", "bof / keys 75011 / oui", "slowly ?75011 =75011"),
    ("name", "je regarde ma facture / mon lave-linge fuit", "wait slowly"),
    ("reference", "il est blanc / il est tout blanc", "slowly failed"),
    ("reference", "L P 450 X / non / L V 460 / oui", "?LV450X slowly ?LV460 =LV460"),
    # A reference: what several dictations say together, then one more candidate, then no more.
    ("reference", "S F 3190|S S 3190 / non / S comme Simon, F 3190|S S 3190 / oui",
     "?SF3190 slowly ?SS3190 =SS3190"),
    ("reference", "R M 550 / non / R comme René, M 550 / non / non",
     "?RM550 slowly ?RN550 ?M550 failed"),
    ("reference", "D W 600 / non / D W 600 / oui", "?DW600 slowly ?BW600 =BW600"),
    ("reference", "R T / R T / R T 520 / oui", "so-far:RT slowly ?RT520 =RT520"),
    ("reference", "430 / S G 430 / oui", "so-far:quatrecenttrente ?SG430 =SG430"),
    ("purchase_date", "l'appareil est blanc / mars 2024 / oui", "slowly ?2024-03 =2024-03"),
    # Keys at any stage; « * » starts again, « # » ends, letters take none.
    ("phone", "keys 0639981234 / oui", "?+33639981234 =+33639981234"),
    ("phone", "keys 06*0639981234 / oui", "?+33639981234 =+33639981234"),
    ("phone", "keys 0032470123456# / oui", "?+32470123456 =+32470123456"),
    ("phone", "keys 063998# / keys 0639981234 / oui", "keypad ?+33639981234 =+33639981234"),
    (
        "phone",
        "06 39 98 12 34 / keys 0639981235 / oui",
        "?+33639981234 ?+33639981235 =+33639981235",
    ),
    ("postcode", "keys 96000 / keys 75011 / oui", "keypad ?75011 =75011"),
    ("name", "keys 123456# / Martin / oui", "nothing ?Martin =Martin"),
    # Values in several turns.
    (
        "phone",
        "zéro six… trente-neuf… / quatre-vingt-dix-huit douze / trente-quatre / oui",
        "so-far:06,39 so-far:06,39,98,12 ?+33639981234 =+33639981234",
    ),
    (
        "phone",
        "zéro six trente-neuf / non, 06 39 98 12 34 / oui",
        "so-far:06,39 ?+33639981234 =+33639981234",
    ),
    (
        "phone",
        "06 39 98 12 34 / non c'est le zéro six trente-neuf / 98 douze 35 / oui",
        "?+33639981234 so-far:06,39 ?+33639981235 =+33639981235",
    ),
    ("postcode", "soixante-quinze / zéro onze / oui", "so-far:75 ?75011 =75011"),
    ("reference", "L V / 450 X / oui", "so-far:LV ?LV450X =LV450X"),
    (
        "email",
        "marie point durand / arobase gmail point com / oui",
        "go-on ?marie.durand@gmail.com =marie.durand@gmail.com",
    ),
    # Neither yes nor no: asked once more, never taken as a yes.
    ("phone", "06 39 98 12 34 / euh / oui", "?+33639981234 sure =+33639981234"),
    ("phone", "06 39 98 12 34 / euh / bonjour", "?+33639981234 sure slowly"),
    ("phone", "06 39 98 12 34 / oui mais non", "?+33639981234 slowly"),
    ("phone", "06 39 98 12 34 / oui, enfin presque", "?+33639981234 slowly"),
    ("phone", "06 39 98 12 34 / oui alors", "?+33639981234 sure"),
    ("phone", "06 39 98 12 34 / oui allô ?", "?+33639981234 ?+33639981234"),
    ("phone", "06 39 98 12 34 / 06 39 98 12 34 / oui", "?+33639981234 sure =+33639981234"),
    ("phone", "06 39 98 12 34 /  / oui", "?+33639981234 sure =+33639981234"),
    ("phone", "06 39 98 12 34 / répétez / oui", "?+33639981234 ?+33639981234 =+33639981234"),
    ("phone", "06 39 98 12 34 / pardon ? / oui", "?+33639981234 ?+33639981234 =+33639981234"),
    ("phone", "06 39 98 12 34 / attendez je vérifie / oui", "?+33639981234 wait =+33639981234"),
    # Before the value.
    ("phone", "pardon ? / 06 39 98 12 34 / oui", "whole ?+33639981234 =+33639981234"),
    ("phone", "attendez je cherche / 06 39 98 12 34", "wait ?+33639981234"),
    ("phone", "oui / 06 39 98 12 34", "go-ahead ?+33639981234"),
    ("phone", "3900 / 06 39 98 12 34 / oui", "another ?+33639981234 =+33639981234"),
    ("phone", "08 92 12 34 56 / 08 92 12 34 56", "another failed"),
    # Refusals.
    ("phone", "je préfère pas", "refused"),
    ("phone", "non", "refused"),
    ("reference", "je l'ai pas sous les yeux", "refused"),
    ("purchase_date", "je ne sais plus", "refused"),
    ("email", "j'en ai pas", "refused"),
    ("name", "laissez tomber", "refused"),
    ("phone", "06 39 98 12 34 / je préfère pas le donner finalement", "?+33639981234 refused"),
    ("purchase_date", "je ne sais plus, il y a deux ou trois ans / oui", "?2024 =2024"),
    # The recogniser's other readings, after « | ».
    ("phone", "zéro six trente-neuf machin|06 39 98 12 34 / oui", "?+33639981234 =+33639981234"),
    ("phone", "06 39 98 12 34 / où est-ce ça|oui c'est ça", "?+33639981234 =+33639981234"),
    ("phone", "06 39 98 12 34 / mais non|oui", "?+33639981234 slowly"),
    ("reference", "A B 123|L V 450 X / oui", "?LV450X =LV450X"),
    ("phone", "06 39 98 12 34 / non|non, 35 à la fin / oui",
     "?+33639981234 ?+33639981235 =+33639981235"),
    # The longest: a yes in the sixth turn counts, a question that nobody could answer is not put.
    (
        "phone",
        "06 39 98 12 34 / répétez / répétez / répétez / répétez / oui",
        "?+33639981234 ?+33639981234 ?+33639981234 ?+33639981234 ?+33639981234 =+33639981234",
    ),
    (
        "phone",
        "06 39 98 12 34 / répétez / répétez / répétez / répétez / répétez",
        "?+33639981234 ?+33639981234 ?+33639981234 ?+33639981234 ?+33639981234 failed",
    ),
    (
        "phone",
        "attendez / attendez / attendez / attendez / attendez",
        "wait wait wait wait failed",
    ),
]  # fmt: skip
"""Field; the caller's turns; what each leads to: « ?value » is read back, « =value » captured."""


def begin(field: Field) -> Capture:
    """A capture on the day of the tests."""
    return capturing.ask(field, today=TODAY, known=KNOWN)[0]


def take(capture: Capture, turn: str) -> tuple[Capture, Move | None]:
    """One turn of a course."""
    if not turn.startswith("keys "):
        text, *others = turn.split("|")
        return capturing.heard(capture, text, others)
    move: Move | None = None
    for digit in turn.removeprefix("keys "):
        assert move is None, "keys after the last one"
        capture, move = capturing.key(capture, digit)
    return capture, move


def told(capture: Capture, move: Move | None) -> str:
    """What a turn led to, in the words of the table."""
    match move:
        case None:
            return "nothing"
        case Captured(value):
            return f"={value}"
        case GivenUp(text, reason):
            assert text == prompt(f"capture_{capture.field}_gave_up")
            return reason
        case Ask(text):
            return asked(capture, text)


def asked(capture: Capture, text: str) -> str:
    """What was asked."""
    fixed = {"listening": "wait", "go_on": "go-ahead", "capture_go_on": "go-on",
             "capture_phone_unusable": "another"}  # fmt: skip
    for name, short in fixed.items():
        if text == prompt(name):
            return short
    if text.startswith(prompt("capture_sure")):
        return "sure"
    if text.endswith("pour l'instant. Et la suite ?"):
        value = text.removeprefix("J'ai ").removesuffix(" pour l'instant. Et la suite ?")
        return f"so-far:{value.replace(' ', '')}"
    if capture.stage is Stage.READ_BACK:
        value = said(capture.field, capture.offered)
        assert text.endswith(prompt(f"capture_{capture.field}_read_back", value=value))
        return f"?{capture.offered}"
    return capture.stage.name.lower()


@pytest.mark.parametrize(("field", "turns", "expected"), COURSES)
def test_course(field: Field, turns: str, expected: str) -> None:
    """Each turn leads where the table says."""
    capture, got = begin(field), []
    for turn in turns.split(" / "):
        capture, move = take(capture, turn.strip())
        got.append(told(capture, move))
    assert got == expected.split()
    over = not isinstance(move, Ask)
    assert (capture.stage is Stage.ENDED) == over


POOL = (
    "oui|non|oui mais non|c'est ça|oui c'est ça|exactement|répétez|attendez|pardon ?|je préfère pas"
    "|je sais pas|euh|06 39 98 12 34|zéro six trente-neuf|quatre-vingt-dix-huit|douze|non, 35"
    "|à la fin c'est 43|3900|75011|soixante-neuf mille trois|LV450X|elle vé|460|Martin|M A R T I N"
    "|avec deux n|en mars 2024|l'an dernier|marie point durand|arobase gmail point com|hotmail"
    "|keys 0639981234|keys 75011|keys 12#|keys #*#|bla bla||oui 06 39 98 12 35|non non c'est ça"
).split("|")


@pytest.mark.parametrize("field", capturing.FIELDS)
@pytest.mark.parametrize("seed", range(60))
def test_any_course_ends_and_captures_what_was_agreed_to(field: Field, seed: int) -> None:
    """At most six turns; captured is what was read back last, in answer to a yes."""
    draw = random.Random(f"{field}{seed}")
    capture, last = begin(field), ""
    for turns in range(1, capturing.MAX_TURNS * 4):
        turn = draw.choice(POOL)
        others = draw.sample([text for text in POOL if "keys" not in text], 2)
        before = capture
        if "keys" in turn:
            move = None
            for digit in turn.removeprefix("keys "):
                if move is None:
                    capture, move = capturing.key(capture, digit)
        else:
            capture, move = capturing.heard(capture, turn, others)
        assert capture.turns <= min(turns, capturing.MAX_TURNS)
        if isinstance(move, Captured):
            assert (before.stage, before.offered) == (Stage.READ_BACK, move.value)
            assert said(field, move.value) in last
            assert "oui" in turn or "ça" in turn or turn == "exactement" or any(
                reply_in(other) == "yes" for other in others
            )  # fmt: skip
            return
        if isinstance(move, GivenUp):
            return
        if capture.stage is Stage.READ_BACK and isinstance(move, Ask) and "ça ?" in move.text:
            last = move.text
    pytest.fail("the capture did not end")


@pytest.mark.parametrize("seed", range(20))
def test_six_spoken_turns_end_any_capture(seed: int) -> None:
    """Whatever is said, readable or not, the sixth turn is the last at the latest."""
    draw = random.Random(seed)
    spoken = [text for text in POOL if "keys" not in text]
    for field in capturing.FIELDS:
        capture, turns = begin(field), 0
        move: Move = Ask("")
        while isinstance(move, Ask):
            capture, move = capturing.heard(capture, draw.choice(spoken))
            turns += 1
        assert turns <= capturing.MAX_TURNS


def test_a_doubtful_reading_is_marked() -> None:
    """An alternative of the recogniser is offered with doubt."""
    capture, _ = capturing.heard(begin("phone"), "zéro six machin", ["06 39 98 12 34"])
    assert (capture.offered, capture.doubtful) == ("+33639981234", True)


def test_nothing_awaits_a_yes_unless_it_was_read_back() -> None:
    """`offered` is empty before a read-back and after a no."""
    capture = begin("phone")
    assert capture.offered == ""
    capture, _ = capturing.heard(capture, "06 39 98 12 34")
    assert capture.offered == "+33639981234"
    capture, _ = capturing.heard(capture, "non")
    assert (capture.offered, capture.rejected) == ("", ("+33639981234",))


def test_misuse_is_an_error() -> None:
    """An ended capture, a key that no telephone has, a date without today."""
    capture, _ = capturing.heard(begin("phone"), "je préfère pas")
    with pytest.raises(ValueError, match="has ended"):
        capturing.heard(capture, "06 39 98 12 34")
    with pytest.raises(ValueError, match="has ended"):
        capturing.key(capture, "1")
    with pytest.raises(ValueError, match="no key"):
        capturing.key(begin("phone"), "A")
    with pytest.raises(ValueError, match="today"):
        capturing.ask("purchase_date")


def test_every_sentence_of_a_capture_exists() -> None:
    """Each field has its sentences, those that can be keyed one more, and none is left over."""
    parts = {"ask", "read_back", "again_slowly", "gave_up"}
    wanted = {f"capture_{field}_{part}" for field in capturing.FIELDS for part in parts}
    wanted |= {f"capture_{field}_keypad" for field in ("phone", "postcode")}
    wanted |= {
        f"capture_{name}"
        for name in (
            "phone_unusable",
            "so_far",
            "go_on",
            "not_heard",
            "not_that",
            "another_try",
            "corrected",
            "sure",
        )
    }
    assert {name for name in prompts() if name.startswith("capture_")} == wanted
