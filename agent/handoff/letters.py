"""What somebody is written who is invited, or has forgotten their password. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from agent.handoff.wording import one_line

ZONE = ZoneInfo("Europe/Paris")

ROLES = {
    "fr": {
        "admin": "administrateur", "manager": "responsable", "reader": "lecteur",
        "operator": "conseiller",
    },
    "en": {"admin": "administrator", "manager": "manager", "reader": "reader",
           "operator": "adviser"},
}  # fmt: skip

_WHEN = {"fr": "EEEE d MMMM 'à' H 'h' mm", "en": "EEEE d MMMM 'at' HH:mm"}

_INVITATION = {
    "fr": """Bonjour,

{who} à utiliser permanence, l'assistant qui répond au téléphone{brand}, comme {role}.

Pour accepter, ouvrez ce lien :
{url}

Il vaut jusqu'au {until} (heure de Paris) et ne sert qu'une fois.
Si vous n'attendiez pas cette invitation, ne faites rien.
""",
    "en": """Hello,

{who} to use permanence, the assistant that answers the telephone{brand}, as {role}.

To accept, open this link:
{url}

It is good until {until} (Paris time) and works once.
If you did not expect this invitation, there is nothing to do.
""",
}

_RESET = {
    "fr": """Bonjour {name},

Un autre mot de passe a été demandé pour votre compte permanence, {email}.

Pour le choisir, ouvrez ce lien :
{url}

Il vaut jusqu'au {until} (heure de Paris) et ne sert qu'une fois.
Si ce n'était pas vous, ne faites rien : votre mot de passe reste le même.
""",
    "en": """Hello {name},

Another password was asked for, for your permanence account {email}.

To choose it, open this link:
{url}

It is good until {until} (Paris time) and works once.
If that was not you, there is nothing to do: your password stays the same.
""",
}

_SUBJECTS = {
    "fr": ("Votre accès à permanence", "Choisir un autre mot de passe"),
    "en": ("Your access to permanence", "Choose another password"),
}


@dataclass(frozen=True)
class Text:
    """A message."""

    subject: str
    text: str


def invitation_text(
    language: str, *, inviter: str, brand: str, role: str, url: str, until: datetime
) -> Text:
    """The message to somebody who is invited.

    Args:
        language: "fr" or "en".
        inviter: Name of who invites; "" for nobody in particular.
        brand: Of the client; "" for the provider itself.
        role: One of `ROLES`.
        url: The link.
        until: When it ends, with its zone.
    """
    inviter, brand = one_line(inviter), one_line(brand)
    if language == "fr":
        who = f"{inviter} vous invite" if inviter else "Vous êtes invité"
        whose = f" du service après-vente {brand}" if brand else ""
    else:
        who = f"{inviter} invites you" if inviter else "You are invited"
        whose = f" of {brand}'s after-sales service" if brand else ""
    subject = _SUBJECTS[language][0] + (f" · {brand}" if brand else "")
    text = _INVITATION[language].format(
        who=who, brand=whose, role=ROLES[language][role], url=url, until=_when(until, language)
    )
    return Text(subject, text)


def reset_text(language: str, *, name: str, email: str, url: str, until: datetime) -> Text:
    """The message to somebody who is to choose another password.

    Args:
        language: "fr" or "en".
        name: Theirs.
        email: Theirs.
        url: The link.
        until: When it ends, with its zone.
    """
    text = _RESET[language].format(
        name=one_line(name), email=email, url=url, until=_when(until, language)
    )
    return Text(_SUBJECTS[language][1], text)


def _when(at: datetime, language: str) -> str:
    locale = {"fr": "fr_FR", "en": "en_GB"}[language]
    return format_datetime(at, _WHEN[language], tzinfo=ZONE, locale=locale)
