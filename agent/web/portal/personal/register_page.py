"""The record of processing (RGPD, article 30), made of the settings as they are; to be printed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff.message import zone_of
from agent.personal.register import Facts, facts_of
from agent.store.clients import Client
from agent.store.targets import Targets, TargetStore
from agent.web.console.pieces import Words, link, set_attributes
from agent.web.portal.frame import PATH, framed, visiting
from agent.web.portal.parts import notice, panel
from agent.web.portal.personal.page import retention_table
from agent.web.portal.settings.recording import mode_words
from agent.web.portal.words import moment, t


@ui.page(f"{PATH}/{{slug}}/donnees/registre", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    client, facts = visit.client, facts_of(visit.house.settings)
    store = TargetStore(visit.house.database)
    targets = await asyncio.to_thread(store.get, slug)
    with framed(visit, "donnees", t("Registre des activités de traitement")):
        Words(
            t(
                "Service après-vente téléphonique {brand}, tel qu'il est réglé au {at}.",
                brand=client.name, at=moment(datetime.now(UTC), zone_of(client.hours)),
            ),
            "p",
        )  # fmt: skip
        with ui.element("div").classes("actions"):
            link(t("Retour aux données"), visit.path("donnees"), "back")
            printing = Words(t("Imprimer"), "button", "plain", type="button")
            printing.on("click", js_handler="() => window.print()")
        notice(
            t(
                "À compléter par vous : les coordonnées de votre société, de son représentant et "
                "de son délégué à la protection des données."
            ),
            "warn",
        )
        _sections(client, targets, facts)
    return None


def _sections(client: Client, targets: Targets, facts: Facts) -> None:
    with panel(t("Responsable du traitement")):
        Words(client.name, "p")
    with panel(t("Finalités et bases légales")):
        _list(_purposes(client))
    with panel(t("Personnes concernées")):
        _list(
            [
                t("Les personnes qui appellent le service après-vente."),
                t("Les personnes de votre équipe qui ont un accès."),
            ]
        )
    with panel(t("Données")):
        _list(_data(client))
    with panel(t("Destinataires")):
        _list(_recipients(targets, facts))
    with panel(t("Sous-traitants et transferts hors de l'Union européenne")):
        _list(_processors(facts))
    with panel(t("Durées de conservation")):
        retention_table(client)
    with panel(t("Mesures de sécurité")):
        _list(_measures(facts))


def _purposes(client: Client) -> list[str]:
    found = [
        t("Répondre aux questions des appelants d'après les manuels : exécution du contrat."),
        t("Transmettre un appel ou une demande de rappel à un conseiller : exécution du contrat."),
        t("Reconnaître un danger (gaz, fumée, brûlure) : sauvegarde des intérêts vitaux."),
        t("Mesurer et améliorer le service : intérêt légitime."),
    ]
    if client.recording:
        found.append(
            t(
                "Enregistrer des appels ({which}) pour vérifier la qualité des réponses : intérêt "
                "légitime ; l'appelant est prévenu et peut refuser d'un mot.",
                which=mode_words(client),
            )
        )
    return found


def _data(client: Client) -> list[str]:
    found = [
        t("Numéro de téléphone de l'appelant, s'il n'est pas masqué."),
        t("Paroles de l'appel, transcrites ; dates, durée, issue de l'appel."),
        t(
            "Ce que l'appelant donne pour être rappelé : nom, numéro, adresse e-mail, code postal, "
            "référence et date d'achat de l'appareil."
        ),
        t("Nom, adresse e-mail, connexions et actions des personnes de votre équipe."),
    ]
    if client.recording:
        found.insert(2, t("Son de l'appel."))
    if client.satisfaction:
        found.append(t("Note de satisfaction."))
    return found


def _recipients(targets: Targets, facts: Facts) -> list[str]:
    found = [t("Les personnes de votre équipe, chacune selon son rôle.")]
    if targets.emails or targets.on_call:
        mail = t("Les adresses e-mail prévenues des demandes de rappel.")
        found.append(
            mail if not facts.mail_host
            else t("Les adresses e-mail prévenues des demandes de rappel, par {host}.",
                   host=facts.mail_host)
        )  # fmt: skip
    if targets.webhook_url:
        found.append(t("Votre outil, à qui les demandes de rappel sont envoyées (webhook signé)."))
    if facts.exchange:
        found.append(t("L'opérateur téléphonique de la ligne (SIP), qui achemine les appels."))
    return found


def _processors(facts: Facts) -> list[str]:
    found = [t("Le fournisseur du service, qui l'héberge sur ses propres machines.")]
    found += [
        t("{carrier} (États-Unis), qui achemine des appels et leur son.", carrier=one)
        for one in facts.carriers
    ]
    if facts.chat_host:
        found.append(
            t(
                "{host}, qui reçoit les questions pour les reformuler (modèle de langage).",
                host=facts.chat_host,
            )
        )
    if len(found) == 1:
        found.append(
            t(
                "Aucun autre : la voix, la reconnaissance et les réponses sont calculées sur "
                "place, rien n'est transféré hors de l'Union européenne par le logiciel."
            )
        )
    return found


def _measures(facts: Facts) -> list[str]:
    sealed = t("Enregistrements et manuels chiffrés sur le disque (AES-256-GCM).")
    plain = t("Enregistrements et manuels non chiffrés sur le disque : demandez une clé au "
              "fournisseur.")  # fmt: skip
    found = [
        sealed if facts.sealed else plain,
        t("Pages servies en HTTPS.") if facts.https
        else t("Adresse publique sans HTTPS : à régler par le fournisseur."),
        t("Comptes personnels par rôle, mots de passe vérifiés et hachés (argon2id), second "
          "facteur possible, essais ralentis après des échecs."),
        t("Les données de chaque marque sont séparées : chaque requête est limitée à la sienne."),
        t("Numéros, adresses et noms masqués dans les journaux techniques."),
        t("Journal de qui a fait quoi, gardé un an."),
        t("Effacement d'un numéro sur demande, répété si une sauvegarde ancienne est restaurée."),
    ]  # fmt: skip
    if facts.database_server:
        found.append(t("Base de données sur un serveur PostgreSQL, à sauvegarder à part."))
    return found


def _list(sentences: Iterable[str]) -> None:
    with ui.element("ul") as made:
        set_attributes(made, role="list")
        for sentence in sentences:
            Words(sentence, "li")
