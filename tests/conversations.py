"""Conversations, move by move: what the caller does, what the agent does next."""

from __future__ import annotations

from dataclasses import replace

from agent.call.dialogue import (
    Action,
    Event,
    Found,
    HandoffReason,
    HangUp,
    Heard,
    KeepDetail,
    KeepNumber,
    Key,
    LookUp,
    LookUpFailed,
    OpenTicket,
    Phase,
    Resume,
    Say,
    Silence,
    Started,
    StartRecording,
    StopRecording,
    TicketFailed,
    TicketOpened,
    TimeUp,
)
from agent.call.record import Urgency
from knowledge.answer import Answer, Evidence, Sensed
from knowledge.safety import safety_text
from voices.prompts import greeting, prompt

ASKED = "comment nettoyer le filtre"
NUMBER = "0639981234"
READ_BACK = "06 39 98 12 34"
PROMISE = "vous rappelle "
VS320 = "lave-vaisselle VS320"

FILTER = Answer("answer", "Un. Deux. Trois.", ("Un.", "Deux.", "Trois."), 0.95, VS320)
SHORT = Answer("answer", "Douze degrés.", ("Douze degrés.",), 0.95, VS320)
UNSURE = Answer("handoff", confidence=0.2, reason="pas assez sûre")
TO_CONFIRM = Answer("confirm", "Rincez-le.", ("Rincez-le.",), 0.6, topic="Nettoyer le filtre")
RINSED = "comment nettoyer le filtre du lave-vaisselle"
"""What the manuals understood: the next question may lean on it."""

CITED = Answer("answer", "Rincez.", ("Rincez.",), 0.95, VS320, asked=RINSED,
               evidence=(Evidence("vs320.pdf", 9, "p1", "Rincez."),
                         Evidence("vs320.pdf", 10, "p2", "Essuyez.")))  # fmt: skip
CITED_NEXT = Answer("answer", "Grattez.", ("Grattez.",), 0.9, VS320, asked=RINSED,
                    evidence=(Evidence("vs320.pdf", 10, "p2", "Grattez."),))  # fmt: skip
CITED_OVEN = Answer("answer", "Essuyez.", ("Essuyez.",), 0.9, "four FR610",
                    asked="comment nettoyer le filtre et pour le four",
                    evidence=(Evidence("fr610.pdf", 4, "p7", "Essuyez."),))  # fmt: skip
CITED_CONFIRM = Answer("confirm", "Rincez.", ("Rincez.",), 0.6, VS320, topic="Nettoyer le filtre",
                       asked=RINSED, evidence=CITED.evidence)  # fmt: skip
NOT_ENOUGH, ALSO_OVEN = "et si ça ne suffit pas ?", "et pour le four ?"
CHOICES = ("le lave-vaisselle", "le lave-linge")
WHICH = Answer("clarify", confidence=0.97, choices=CHOICES)

HINT, HELPED, ELSE = prompt("step_hint"), prompt("helped"), prompt("anything_else")
NEXT_HINT, FIXED = prompt("step_hint_short"), prompt("fixed")
CONFIRM_TEXT = prompt("confirm", topic="Nettoyer le filtre")
CONFIRM = Say(CONFIRM_TEXT, "confirm")
WHICH_ONE = Say(prompt("which_product", choices="le lave-vaisselle ou le lave-linge"), "clarify")
OTHER_GUESS = Answer("confirm", "Deux cuillers.", ("Deux cuillers.",), topic="Mettre du sel")
TWO_GUESSES = replace(TO_CONFIRM, other=OTHER_GUESS)
CONFIRM_OTHER = Say(prompt("confirm_other", topic="Mettre du sel"), "confirm")
LABEL = Say(prompt("product_label"), "clarify")
ALL_TOLD = Say(f"{prompt('all_told')} {HELPED}")
NOT_HEARD = Say(prompt("not_heard"))
LISTENING = Say(prompt("listening"))
TAKE_TIME = Say(prompt("take_time"))
ASK_NUMBER = Say(prompt("unsure_unknown"), "handoff")
GAS = safety_text("gas")
RINSE = Say(f"Rincez-le. {HELPED}", "answer")
REPHRASE = Say(prompt("rephrase"), "clarify")
TWICE_REFUSED = (CONFIRM_TEXT, REPHRASE.text, CONFIRM_TEXT)
MISSED = Say(
    f"{prompt('capture_phone_gave_up')} {prompt('number_missed')} {prompt('ask_name')}", "handoff"
)
OFFER_UNHEARD = Say(prompt("offer_unheard"), "clarify")
READ = Say(prompt("capture_phone_read_back", value=READ_BACK), "handoff")
SLOWLY = prompt("capture_phone_again_slowly")
AGAIN = Say(f"{prompt('capture_not_heard')} {SLOWLY}", "handoff")
KEYPAD = Say(f"{prompt('capture_not_heard')} {prompt('capture_phone_keypad')}", "handoff")
STAY_SAFE = Say(f"{prompt('number_saved')} {prompt('stay_safe')}", "handoff")
SAVED = Say(f"{prompt('number_saved')} {prompt('ask_name')}", "handoff")
NAME_READ = Say(prompt("capture_name_read_back", value="Martin, M A R T I N"), "handoff")
NOTED = Say(f"{prompt('detail_saved')} {prompt('ask_appliance')}", "handoff")
ALL_NOTED = Say(f"{prompt('detail_saved')} {prompt('anything_else')}", "handoff")

Move = tuple[Event, tuple[Action, ...]]


def says(name: str, **values: str) -> tuple[Action, ...]:
    """The one action of saying a sentence about the conversation itself."""
    return (Say(prompt(name, **values)),)


def says_asking(name: str) -> tuple[Action, ...]:
    """The one action of putting a question back to the caller."""
    return (Say(prompt(name), "clarify"),)


def opens(
    reason: HandoffReason, question: str = ASKED, *tried: str, product: str | None = None
) -> OpenTicket:
    """The ticket asked for."""
    urgency: Urgency = "urgent" if reason == "danger" else "normal"
    return OpenTicket(reason, question, tried, product, urgency)


def look_which(which: str) -> LookUp:
    """The first question again, with what was said of the appliance."""
    return LookUp(ASKED, None, which=which)


def leaves(name: str) -> tuple[Action, ...]:
    """Last words, then the end."""
    return (Say(prompt(name)), HangUp())


ASK: Move = (Heard(ASKED), (LookUp(ASKED, None),))
ASK_KNOWN: Move = (Heard(ASKED), (LookUp(ASKED, VS320),))
STEP_1: Move = (Found(FILTER), (Say(f"Un. {HINT}", "answer"),))
STEP_2 = (Say(f"Deux. {NEXT_HINT}", "answer"),)
STEP_3 = (Say(f"Trois. {HELPED}", "answer"),)
HELP: Move = (Found(SHORT), (Say(f"Douze degrés. {HELPED}", "answer"),))
FAIL: Move = (Found(UNSURE), (opens("unsure"),))
OPENED: Move = (TicketOpened("T1"), (ASK_NUMBER,))
SAY_NUMBER: Move = (
    Heard("zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre"),
    (READ,),
)

CONVERSATIONS: dict[str, tuple[tuple[Move, ...], Phase]] = {
    "greeting": (((Started(), says("greeting", brand="Orvane")),), Phase.LISTENING),
    "one sentence, helped": (
        (ASK, HELP, (Heard("oui"), says("glad")), (Heard("non merci"), leaves("goodbye"))),
        Phase.ENDED,
    ),
    "one step at a time": (
        (ASK, STEP_1, (Heard("c'est fait"), STEP_2), (Heard("ensuite"), STEP_3)),
        Phase.HELPED,
    ),
    "the last step is done, and more is awaited": (
        (
            ASK,
            HELP,
            (Heard("c'est fait"), (ALL_TOLD,)),
            (Heard("d'accord, et l'étape suivante c'est quoi"), (ALL_TOLD,)),
            (Heard("oui"), says("glad")),
        ),
        Phase.LISTENING,
    ),
    "the last step is done, but": (
        (
            ASK,
            HELP,
            (Heard("c'est fait mais il fuit"), (LookUp("c'est fait mais il fuit", VS320),)),
        ),
        Phase.LOOKING_UP,
    ),
    "a step takes a while": (
        (
            ASK,
            STEP_1,
            (Heard("attendez"), (TAKE_TIME,)),
            (Heard("répétez"), (Say(f"Un. {HINT}"),)),
            (Heard("ça y est"), STEP_2),
            (
                Heard("Est-ce que vous pouvez répéter, s'il vous plaît ?"),
                (Say(f"Deux. {NEXT_HINT}"),),
            ),
            (Heard("pas encore"), (TAKE_TIME,)),
            (Heard("je l'ai enlevé"), STEP_3),
        ),
        Phase.HELPED,
    ),
    "« c'est fait » that is misheard is asked back, not looked up": (
        (
            ASK,
            STEP_1,
            (Heard("J'ai faim !"), says("step_unclear")),
            (Heard("oui"), STEP_2),
        ),
        Phase.STEPS,
    ),
    "enough steps": ((ASK, STEP_1, (Heard("non merci"), says("anything_else"))), Phase.LISTENING),
    "a step does not work": (
        (
            ASK,
            STEP_1,
            (Heard("non ça bloque"), (Say(prompt("offer_stuck"), "clarify"),)),
            (
                Heard("non ça ira"),
                (Say(f"{prompt('back_to_it')} Un. {NEXT_HINT}", "answer"),),
            ),
            (Heard("c'est fait"), STEP_2),
        ),
        Phase.STEPS,
    ),
    "a question between steps": (
        (ASK, STEP_1, (Heard("où est le sel"), (LookUp("où est le sel", VS320),)), HELP),
        Phase.HELPED,
    ),
    "not helped": (
        (
            ASK,
            HELP,
            (Heard("non"), (opens("unsure", ASKED, f"Douze degrés. {HELPED}", product=VS320),)),
        ),
        Phase.HANDING_OVER,
    ),
    "helped, and another question": (
        (ASK, HELP, (Heard("oui et où va le sel"), (LookUp("oui et où va le sel", VS320),))),
        Phase.LOOKING_UP,
    ),
    "thanks but it does not work": (
        (ASK, HELP, (Heard("merci mais il fuit"), (LookUp("merci mais il fuit", VS320),))),
        Phase.LOOKING_UP,
    ),
    "confirmed": (
        (ASK, (Found(TO_CONFIRM), (CONFIRM,)), (Heard("c'est ça"), (RINSE,))),
        Phase.HELPED,
    ),
    "confirmed by « tout à fait »": (
        (
            ASK,
            (Found(TO_CONFIRM), (CONFIRM,)),
            (Heard("c'est tout à fait ça"), (RINSE,)),
        ),
        Phase.HELPED,
    ),
    "« pas tout à fait » is no": (
        (
            ASK,
            (Found(TO_CONFIRM), (CONFIRM,)),
            (Heard("pas tout à fait"), (REPHRASE,)),
        ),
        Phase.LISTENING,
    ),
    "refused twice": (
        (
            ASK,
            (Found(TO_CONFIRM), (CONFIRM,)),
            (Heard("non"), (REPHRASE,)),
            (Heard("le filtre du bas"), (LookUp("le filtre du bas", None),)),
            (Found(TO_CONFIRM), (CONFIRM,)),
            (
                Heard("non pas du tout"),
                (opens("unsure", "le filtre du bas", *TWICE_REFUSED),),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "another question instead of a yes": (
        (
            ASK,
            (Found(TO_CONFIRM), (CONFIRM,)),
            (Heard("non, c'est le sel"), (LookUp("non, c'est le sel", None),)),
        ),
        Phase.LOOKING_UP,
    ),
    "the other appliance is named, and the same guess put back": (
        (
            ASK,
            (Found(TO_CONFIRM), (CONFIRM,)),
            (Heard("non, c'est le four"), (look_which("non, c'est le four"),)),
            (Found(TO_CONFIRM), (CONFIRM,)),
            (
                Heard("non, le four"),
                (look_which("non, le four"),),
            ),
            (Found(TO_CONFIRM), (CONFIRM,)),
            (
                Heard("non, c'est le four"),
                (
                    opens(
                        "unsure", f"{ASKED} non, le four", *(CONFIRM_TEXT,) * 3
                    ),
                ),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "refused, then the second guess": (
        (
            ASK,
            (Found(TWO_GUESSES), (CONFIRM,)),
            (Heard("non"), (CONFIRM_OTHER,)),
            (Heard("oui"), (Say(f"Deux cuillers. {HELPED}", "answer"),)),
        ),
        Phase.HELPED,
    ),
    "both guesses refused": (
        (
            ASK,
            (Found(TWO_GUESSES), (CONFIRM,)),
            (Heard("non"), (CONFIRM_OTHER,)),
            (Heard("non plus"), (REPHRASE,)),
        ),
        Phase.LISTENING,
    ),
    "which of many appliances": (
        (
            ASK,
            (Found(Answer("clarify")), says_asking("which_product_open")),
            (Heard("la hotte"), (look_which("la hotte"),)),
        ),
        Phase.LOOKING_UP,
    ),
    "which appliance": (
        (
            ASK,
            (Found(WHICH), (WHICH_ONE,)),
            (Heard("le lave-vaisselle"), (look_which("le lave-vaisselle"),)),
            STEP_1,
        ),
        Phase.STEPS,
    ),
    "which appliance, misheard": (
        (
            ASK,
            (Found(WHICH), (WHICH_ONE,)),
            (Heard("Attendez, je regarde."), (TAKE_TIME,)),
            (Heard("La vaisselle."), (look_which("le lave-vaisselle"),)),
            STEP_1,
        ),
        Phase.STEPS,
    ),
    "which appliance, and something else is said": (
        (
            ASK,
            (Found(WHICH), (WHICH_ONE,)),
            (Heard("mon aspirateur"), (look_which("mon aspirateur"),)),
        ),
        Phase.LOOKING_UP,
    ),
    "which appliance, never told": (
        (
            ASK,
            (Found(WHICH), (WHICH_ONE,)),
            (Heard("je sais pas"), (LABEL,)),
            (Heard("le gris"), (look_which("le gris"),)),
            (
                Found(WHICH),
                (opens("unsure", f"{ASKED} le gris", WHICH_ONE.text, LABEL.text),),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "number and name said": (
        (
            ASK,
            FAIL,
            OPENED,
            SAY_NUMBER,
            (Heard("oui c'est ça"), (KeepNumber("T1", NUMBER), SAVED)),
            (Heard("madame Martin"), (NAME_READ,)),
            (Heard("oui"), (KeepDetail("T1", "name", "Martin"), NOTED)),
            (Heard("un vieux four"), (KeepDetail("T1", "appliance", "un vieux four"), ALL_NOTED)),
            (Heard("au revoir"), leaves("goodbye")),
        ),
        Phase.ENDED,
    ),
    "number keyed": (
        (
            ASK,
            FAIL,
            OPENED,
            *((Key(digit), ()) for digit in "0639"),
            (Key("*"), ()),  # starts again
            *((Key(digit), ()) for digit in NUMBER[:-1]),
            (Key(NUMBER[-1]), (READ,)),
            (Heard("oui"), (KeepNumber("T1", NUMBER), SAVED)),
        ),
        Phase.CAPTURING,
    ),
    "number corrected": (
        (
            ASK,
            FAIL,
            OPENED,
            (Heard(f"{READ_BACK[:-2]}35"), (Say(READ.text.replace("34", "35"), "handoff"),)),
            (
                Heard("non, 06 39 98 12 34"),
                (Say(f"{prompt('capture_corrected')} {READ.text}", "handoff"),),
            ),
            (Heard("exactement"), (KeepNumber("T1", NUMBER), SAVED)),
        ),
        Phase.CAPTURING,
    ),
    "number refused, then keyed": (
        (
            ASK,
            FAIL,
            OPENED,
            SAY_NUMBER,
            (Heard("non"), (Say(f"{prompt('capture_not_that')} {SLOWLY}", "handoff"),)),
            *((Key(digit), ()) for digit in NUMBER[:-1]),
            (Key(NUMBER[-1]), (READ,)),
        ),
        Phase.CAPTURING,
    ),
    "number not understood: slowly, then the keys, then without it": (
        (
            ASK,
            FAIL,
            OPENED,
            (Heard("blablabla"), (AGAIN,)),
            (Heard("blablabla"), (KEYPAD,)),
            (Heard("blablabla"), (Say(prompt("capture_phone_keypad"), "handoff"),)),
            (Heard("blablabla"), (MISSED,)),
        ),
        Phase.CAPTURING,
    ),
    "number refused for good": (
        (ASK, FAIL, OPENED, (Heard("je préfère ne pas le donner"), (MISSED,))),
        Phase.CAPTURING,
    ),
    "number: a moment, again, what did you say": (
        (
            ASK,
            FAIL,
            OPENED,
            (Heard("attendez je cherche"), (TAKE_TIME,)),
            (Heard("deux secondes"), (TAKE_TIME,)),
            (Heard("pardon ?"), (Say(ASK_NUMBER.text),)),
            (Heard("je répète 06 39 98 12 34"), (READ,)),
            (Heard("vous pouvez répéter"), (Say(READ.text),)),
        ),
        Phase.CAPTURING,
    ),
    "number: goodbye": ((ASK, FAIL, OPENED, (Heard("au revoir"), leaves("goodbye"))), Phase.ENDED),
    "a step that sends to the after-sales service": (
        (
            ASK,
            (
                Found(replace(FILTER, kind="error_code",
                              parts=("Un.", "Si E38 revient, appelez le service."))),
                (Say(f"Un. {FIXED}", "answer"),),
            ),
            (Heard("non, ça revient"), (opens("service", ASKED, f"Un. {FIXED}", product=VS320),)),
        ),
        Phase.HANDING_OVER,
    ),
    "a code that only the after-sales service can deal with": (
        (
            ASK,
            (
                Found(replace(SHORT, parts=("Appelez le service après-vente.",))),
                (
                    Say("Appelez le service après-vente.", "answer"),
                    opens("service", ASKED, "Appelez le service après-vente.", product=VS320),
                ),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "a person asked for while the number is": (
        (
            ASK,
            FAIL,
            OPENED,
            (Heard("un conseiller"), (Say(prompt("already_noted_no_number"), "handoff"),)),
            SAY_NUMBER,
        ),
        Phase.CAPTURING,
    ),
    "what it is about, when only a person was asked for": (
        (
            (Heard("un conseiller"), (opens("human", "un conseiller"),)),
            (TicketOpened("T1"), (Say(prompt("human_unknown"), "handoff"),)),
            SAY_NUMBER,
            (Heard("oui"), (KeepNumber("T1", NUMBER), SAVED)),
            (
                Heard("je ne préfère pas"),
                (Say(f"{prompt('capture_name_gave_up')} {prompt('ask_subject')}", "handoff"),),
            ),
            (
                Heard("ma facture"),
                (KeepDetail("T1", "subject", "ma facture"), ALL_NOTED),
            ),
        ),
        Phase.LISTENING,
    ),
    "a person is offered after two turns that were not understood": (
        (
            ASK,
            HELP,
            (Heard(""), (NOT_HEARD,)),
            (Heard("  "), (OFFER_UNHEARD,)),
            (Heard("non"), (Say(prompt("tell_me")),)),
            ASK_KNOWN,
        ),
        Phase.LOOKING_UP,
    ),
    "offered, and wanted": (
        (
            ASK,
            HELP,
            (Heard(""), (NOT_HEARD,)),
            (Heard(""), (OFFER_UNHEARD,)),
            (Heard("oui"), (opens("unheard", ASKED, f"Douze degrés. {HELPED}",
                                  OFFER_UNHEARD.text, product=VS320),)),
            (TicketOpened("T1"), (Say(prompt("unheard_unknown"), "handoff"),)),
        ),
        Phase.CAPTURING,
    ),
    "offered, and still not understood": (
        (
            ASK,
            HELP,
            (Heard(""), (NOT_HEARD,)),
            (Heard(""), (OFFER_UNHEARD,)),
            (Heard(""), (opens("unheard", ASKED, f"Douze degrés. {HELPED}",
                               OFFER_UNHEARD.text, product=VS320),)),
        ),
        Phase.HANDING_OVER,
    ),
    "never a word from a masked number": (
        (
            (Heard(""), (NOT_HEARD,)),
            (Heard(""), (OFFER_UNHEARD,)),
            (Heard(""), leaves("silence_goodbye")),
        ),
        Phase.ENDED,
    ),
    "empty turns not in a row": (
        (
            (Heard(""), (NOT_HEARD,)),
            ASK,
            HELP,
            (Heard(""), (NOT_HEARD,)),
        ),
        Phase.HELPED,
    ),
    "noise cuts the agent short": (
        (
            ASK,
            STEP_1,
            (Heard("", interrupting=True), (Resume(),)),
            (Heard("", interrupting=True), (Resume(),)),
            (Heard("c'est fait"), STEP_2),
        ),
        Phase.STEPS,
    ),
    "« oui, d'accord » over a long explanation": (
        (
            ASK,
            STEP_1,
            (Heard("oui, d'accord", interrupting=True, unheard_s=4.0), (Resume(),)),
            (Heard("oui", interrupting=True, unheard_s=0.5), STEP_2),
        ),
        Phase.STEPS,
    ),
    "« oui » before the number was read to its end is no yes": (
        (
            ASK,
            FAIL,
            OPENED,
            SAY_NUMBER,
            (Heard("oui", interrupting=True, unheard_s=2.5), (Resume(),)),
        ),
        Phase.CAPTURING,
    ),
    "silence": (
        (
            (Silence(), (LISTENING,)),
            (Silence(), says("still_there")),
            (Silence(), leaves("silence_goodbye")),
        ),
        Phase.ENDED,
    ),
    "silence broken": (
        (
            (Silence(), (LISTENING,)),
            (Silence(), says("still_there")),
            ASK,
            HELP,
            (Silence(), (LISTENING,)),
        ),
        Phase.HELPED,
    ),
    "look-up fails": (
        (
            ASK,
            (LookUpFailed(), (opens("technical"),)),
            (TicketOpened("T1"), (Say(prompt("technical_unknown"), "handoff"),)),
        ),
        Phase.CAPTURING,
    ),
    "ticket fails": (
        (ASK, FAIL, (TicketFailed(), (Say(prompt("handoff_failed"), "handoff"),)), ASK),
        Phase.LOOKING_UP,
    ),
    "time up": ((ASK, (TimeUp(), leaves("time_up"))), Phase.ENDED),
    "robot": ((*((Heard("vous êtes un robot ?"), says("robot")),), ASK), Phase.LOOKING_UP),
    "yes to nothing": (((Heard("oui"), says("go_on")),), Phase.LISTENING),
    "yes and a question": (
        ((Heard("oui ma machine fuit"), (LookUp("oui ma machine fuit", None),)),),
        Phase.LOOKING_UP,
    ),
    "« rien ne s'affiche » is no goodbye": (
        ((Heard("rien ne s'affiche"), (LookUp("rien ne s'affiche", None),)),),
        Phase.LOOKING_UP,
    ),
    "« c'est tout mouillé » is no goodbye": (
        ((Heard("c'est tout mouillé"), (LookUp("c'est tout mouillé", None),)),),
        Phase.LOOKING_UP,
    ),
    "danger": (
        (
            ASK,
            (
                Heard("ça sent le gaz"),
                (Say(GAS, "safety"), opens("danger", "ça sent le gaz", GAS)),
            ),
            (TicketOpened("T1"), (Say(prompt("danger_unknown"), "safety"),)),
            (Heard("répétez"), (Say(f"{GAS} {prompt('danger_unknown')}"),)),
            (Heard("", interrupting=True), (Resume(),)),
            SAY_NUMBER,
            (Heard("oui"), (KeepNumber("T1", NUMBER), STAY_SAFE)),
            (
                Heard("et comment je nettoie le filtre"),
                (Say(f"{prompt('danger_first')} {prompt('stay_safe')}"),),
            ),
            (Heard("mais non il n'y a pas de gaz"), says("no_danger")),
        ),
        Phase.LISTENING,
    ),
    "danger, ticket fails": (
        (
            (
                Heard("ça sent le gaz"),
                (Say(GAS, "safety"), opens("danger", "ça sent le gaz", GAS)),
            ),
            (TicketFailed(), (Say(prompt("handoff_failed"), "safety"),)),
            (Heard("répétez"), (Say(f"{GAS} {prompt('handoff_failed')}"),)),
        ),
        Phase.LISTENING,
    ),
    "danger told by the manuals' side": (
        (
            ASK,
            (
                Found(Answer("safety", safety_text("fire"), confidence=1.0, danger="fire")),
                (Say(safety_text("fire"), "safety"), opens("danger", ASKED, safety_text("fire"))),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "key 0, other keys": (
        ((Key("5"), ()), (Key("#"), ()), (Key("0"), (opens("human", ""),))),
        Phase.HANDING_OVER,
    ),
}  # fmt: skip

CITE: Move = (Found(CITED), (Say(f"Rincez. {HELPED}", "answer"),))
CITE_NEXT: Move = (Found(CITED_NEXT), (Say(f"Grattez. {HELPED}", "answer"),))
CITE_OVEN: Move = (Found(CITED_OVEN), (Say(f"Essuyez. {HELPED}", "answer"),))


def asks(question: str, given: tuple[str, ...] = (), *, earlier: str = RINSED,
         product: str | None = VS320) -> tuple[Action, ...]:  # fmt: skip
    """The one action of asking the manuals, after an answer was given."""
    return (LookUp(question, product, (), earlier, given),)


CONVERSATIONS |= {
    "not enough: the next advice, and the next": (
        (
            ASK,
            CITE,
            (Heard(NOT_ENOUGH), asks(NOT_ENOUGH, ("p1",))),
            CITE_NEXT,
            (Heard("ça ne marche toujours pas"),
             asks("ça ne marche toujours pas", ("p1", "p2"))),
            (Found(UNSURE), (opens("unsure", ASKED, f"Rincez. {HELPED}", f"Grattez. {HELPED}",
                                   product=VS320),)),
        ),
        Phase.HANDING_OVER,
    ),
    "another appliance: nothing was given for it": (
        (
            ASK,
            CITE,
            (Heard(ALSO_OVEN), asks(ALSO_OVEN)),
            CITE_OVEN,
            (Heard(NOT_ENOUGH),
             asks(NOT_ENOUGH, ("p7",), earlier=CITED_OVEN.asked, product="four FR610")),
        ),
        Phase.LOOKING_UP,
    ),
    "a new question forgets what was given": (
        (
            ASK,
            CITE,
            (Heard("où est le sel"), asks("où est le sel")),
            CITE_NEXT,
            (Heard(NOT_ENOUGH), asks(NOT_ENOUGH, ("p2",))),
        ),
        Phase.LOOKING_UP,
    ),
    "not enough, after a confirmation": (
        (
            ASK,
            (Found(CITED_CONFIRM), (CONFIRM,)),
            (Heard("oui"), (Say(f"Rincez. {HELPED}", "answer"),)),
            (Heard("j'ai déjà essayé"), asks("j'ai déjà essayé", ("p1",))),
        ),
        Phase.LOOKING_UP,
    ),
    "what was offered and not said was not given": (
        (
            ASK,
            (Found(CITED_CONFIRM), (CONFIRM,)),
            (Heard(NOT_ENOUGH), asks(NOT_ENOUGH)),
        ),
        Phase.LOOKING_UP,
    ),
    "not enough, between steps": (
        (
            ASK,
            (Found(replace(FILTER, asked=RINSED, evidence=CITED.evidence)),
             (Say(f"Un. {HINT}", "answer"),)),
            (Heard("ça ne change rien"), asks("ça ne change rien", ("p1",))),
        ),
        Phase.LOOKING_UP,
    ),
    "nothing to lean on": (
        ((Heard(NOT_ENOUGH), (LookUp(NOT_ENOUGH, None),)),),
        Phase.LOOKING_UP,
    ),
    "handed over, then another question": (
        (
            ASK,
            (Found(replace(UNSURE, asked=ASKED)), (opens("unsure"),)),
            OPENED,
            SAY_NUMBER,
            (Heard("oui"), (KeepNumber("T1", NUMBER), SAVED)),
            (Heard(ALSO_OVEN), asks(ALSO_OVEN, earlier=ASKED, product=None)),
        ),
        Phase.LOOKING_UP,
    ),
}  # fmt: skip

ODD = "il y a une drôle d'odeur derrière"
SUSPECT: Move = (
    Heard(ODD, sensed=True, danger=Sensed("fire", sure=False)),
    (Say(prompt("check_fire"), "clarify"),),
)
FIRE = safety_text("fire")

CONVERSATIONS |= {
    "a danger that is sensed, though no word names it": (
        (
            (
                Heard("l'huile a pris dans la poêle", sensed=True, danger=Sensed("fire")),
                (Say(FIRE, "safety"), opens("danger", "l'huile a pris dans la poêle", FIRE)),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "a word of danger that means another thing": (
        ((Heard("mon pot-au-feu", sensed=True), (LookUp("mon pot-au-feu", None),)),),
        Phase.LOOKING_UP,
    ),
    "a danger that is not sure is asked about: yes": (
        (
            SUSPECT,
            (
                Heard("oui un peu", sensed=True),
                (Say(FIRE, "safety"),
                 opens("danger", f"{ODD} oui un peu", prompt("check_fire"), FIRE)),
            ),
        ),
        Phase.HANDING_OVER,
    ),
    "a danger that is not sure is asked about: no, and not again": (
        (
            SUSPECT,
            (Heard("non non", sensed=True), (LookUp(ODD, None),)),
            HELP,
            (Heard(ODD, sensed=True, danger=Sensed("fire", sure=False)), (LookUp(ODD, VS320),)),
        ),
        Phase.LOOKING_UP,
    ),
    "a second hint is danger enough": (
        (
            SUSPECT,
            (
                Heard("ça fait un petit nuage", sensed=True, danger=Sensed("fire", sure=False)),
                (Say(FIRE, "safety"),
                 opens("danger", f"{ODD} ça fait un petit nuage", prompt("check_fire"), FIRE)),
            ),
        ),
        Phase.HANDING_OVER,
    ),
}  # fmt: skip

REFUSED = "je ne veux pas être enregistré"
UNRECORDED, NOT_RECORDED = prompt("unrecorded"), prompt("not_recorded")
RECORDED_NO, RECORDED = prompt("recorded_no"), prompt("recorded", brand="Orvane")
GO_ON = prompt("go_on")
GREETED: Move = (Started(), (Say(greeting("Orvane", recorded=True)), StartRecording()))

CONVERSATIONS |= {
    "a recording refused where there is none: the truth": (
        ((Heard("sans enregistrement"), (Say(f"{NOT_RECORDED} {GO_ON}"),)), ASK),
        Phase.LOOKING_UP,
    ),
    "refused, and asked, in one breath where there is none": (
        (
            (Heard(f"{REFUSED}, mon four affiche E cinq"),
             (Say(NOT_RECORDED), LookUp("mon four affiche E cinq", None))),
        ),
        Phase.LOOKING_UP,
    ),
    "whether it is recorded, where it is not": (
        (
            (Heard("cet appel est-il enregistré ?"), (Say(f"{RECORDED_NO} {GO_ON}"),)),
            ASK,
            STEP_1,
            (Heard("vous m'enregistrez ?"), (Say(f"{RECORDED_NO} Un. {HINT}"),)),
            (Heard("c'est fait"), STEP_2),
        ),
        Phase.STEPS,
    ),
}  # fmt: skip

RECORDED_CALLS: dict[str, tuple[tuple[Move, ...], bool]] = {
    "refused at once": (
        (
            GREETED,
            (Heard("sans enregistrement"), (StopRecording(), Say(f"{UNRECORDED} {GO_ON}"))),
            (Heard("répétez"), (Say(f"{UNRECORDED} {GO_ON}"),)),
            (Heard("vous m'enregistrez ?"), (Say(f"{RECORDED_NO} {GO_ON}"),)),
            (Heard("pas d'enregistrement"), (Say(f"{NOT_RECORDED} {GO_ON}"),)),
        ),
        False,
    ),
    "refused in another reading": (
        (
            GREETED,
            (Heard("cent enregistre mans", alternatives=("sans enregistrement",)),
             (StopRecording(), Say(f"{UNRECORDED} {GO_ON}"))),
        ),
        False,
    ),
    "refused between steps": (
        (
            GREETED,
            ASK,
            STEP_1,
            (Heard("arrêtez d'enregistrer"), (StopRecording(), Say(f"{UNRECORDED} Un. {HINT}"))),
            (Heard("c'est fait"), STEP_2),
        ),
        False,
    ),
    "refused, and asked, in one breath": (
        (
            GREETED,
            (Heard(f"Bonjour, {REFUSED}. Mon four affiche E cinq."),
             (StopRecording(), Say(UNRECORDED),
              LookUp("Bonjour, Mon four affiche E cinq", None))),
        ),
        False,
    ),
    "refused, and a person asked for": (
        (
            GREETED,
            (Heard("sans enregistrement, un conseiller"),
             (StopRecording(), Say(UNRECORDED),
              opens("human", "un conseiller"))),
        ),
        False,
    ),
    "refused, and danger: whom to call comes first": (
        (
            GREETED,
            (Heard("ça sent le gaz, et pas d'enregistrement"),
             (Say(GAS, "safety"), StopRecording(),
              opens("danger", "ça sent le gaz, et pas d'enregistrement", GAS))),
        ),
        False,
    ),
    "refused while a number is asked for": (
        (
            GREETED,
            ASK,
            FAIL,
            OPENED,
            (Heard(REFUSED), (StopRecording(), Say(f"{UNRECORDED} {ASK_NUMBER.text}"))),
            SAY_NUMBER,
        ),
        False,
    ),
    "a number is no refusal": (
        (
            GREETED,
            ASK,
            FAIL,
            OPENED,
            (Heard(f"pas d'enregistrement {READ_BACK}"), (READ,)),
        ),
        True,
    ),
    "asked whether it is recorded": (
        (
            GREETED,
            (Heard("cet appel est enregistré ?"), (Say(f"{RECORDED} {GO_ON}"),)),
            ASK,
            STEP_1,
            (Heard("vous m'enregistrez là ?"), (Say(f"{RECORDED} Un. {HINT}"),)),
        ),
        True,
    ),
    "what is to be registered is looked up": (
        (
            GREETED,
            (Heard("je voudrais enregistrer mon appareil"),
             (LookUp("je voudrais enregistrer mon appareil", None),)),
        ),
        True,
    ),
}  # fmt: skip
"""Calls of a client that wants them recorded, and whether they still are at the end."""
