"""What is said of what cannot be, in the language that is spoken."""

from __future__ import annotations

import math

from agent.store.weak_passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, Weakness
from agent.web.checking import SignInRefusedError
from agent.web.portal.words import t


def foreign() -> str:
    """A form came from another site."""
    return t("Cette demande ne vient pas de cette page : rechargez-la, puis réessayez.")


def unreadable() -> str:
    """A form is none."""
    return t("Votre demande n'est pas arrivée entière : réessayez.")


def refused(why: SignInRefusedError) -> str:
    """A sign-in is refused."""
    if why.why == "wrong":
        return t("L'adresse ou le mot de passe ne convient pas : vérifiez-les, puis réessayez.")
    if why.why == "code":
        return t("Ce code ne convient pas : donnez celui qui est affiché en ce moment.")
    if why.why == "busy":
        return t("Trop de personnes se connectent en ce moment : réessayez dans un instant.")
    if why.why == "wait":
        minutes = math.ceil(why.wait_s / 60)
        if minutes <= 1:
            return t("Trop d'essais n'ont pas abouti : réessayez dans une minute.")
        return t("Trop d'essais n'ont pas abouti : réessayez dans {n} minutes.", n=minutes)
    return t("La connexion n'est pas possible en ce moment : réessayez dans quelques minutes.")


def wrong_password() -> str:
    """Whoever is signed in did not give their own password."""
    return t("Ce n'est pas votre mot de passe actuel : réessayez.")


def weak(weakness: Weakness) -> str:
    """A password cannot be chosen."""
    if weakness == "common":
        return t("Ce mot de passe est parmi les premiers que l'on essaie : choisissez-en un autre.")
    if weakness == "personal":
        return t("Ce mot de passe contient votre nom ou la marque : choisissez-en un autre.")
    return t(
        "Un mot de passe a de {least} à {most} caractères : choisissez-en un autre.",
        least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD,
    )  # fmt: skip


def password_hint() -> str:
    """What a password must be."""
    return t("{least} caractères au moins : une phrase convient bien.", least=SHORTEST_PASSWORD)


def role_name(role: str) -> str:
    """A role, as people say it."""
    return {
        "admin": t("Administrateur"),
        "manager": t("Responsable"),
        "reader": t("Lecteur"),
        "operator": t("Conseiller"),
    }[role]
