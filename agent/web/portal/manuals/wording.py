"""What is said of manuals in words: problems of a file, states, stages, differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale

from agent.manual_desk import Step
from agent.store.manual_work import Upload
from agent.web.portal.manuals.looking import State
from agent.web.portal.words import number, spoken, t, tn
from knowledge.documents.problems import Problem, runs_of
from knowledge.versions import ManualEntry

MOST_NAMED = 6
"""Codes of a difference that are named before the others are counted."""


def problems_of(entry: ManualEntry) -> list[str]:
    """What should be known of a manual, a sentence each."""
    said = [_problem(problem) for problem in entry.problems]
    if entry.product.appliance == "appareil":
        said.append(t("L'appareil n'a pas été reconnu : indiquez-le."))
    if not entry.product.references:
        said.append(t("Aucune référence n'a été reconnue : indiquez-les si l'appareil en a."))
    return said


def _problem(problem: Problem) -> str:
    one, pages = len(problem.pages) == 1, pages_said(problem.pages)
    match problem.kind:
        case "picture":
            return (
                t("La page {pages} est une image sans texte : rien n'en est lu.", pages=pages)
                if one
                else t(
                    "Les pages {pages} sont des images sans texte : rien n'en est lu.", pages=pages
                )
            )
        case "unread_scan":
            return (
                t("La page {pages} est numérisée et n'a pas été lue : fournissez un PDF avec du "
                  "texte.", pages=pages)
                if one
                else t("Les pages {pages} sont numérisées et n'ont pas été lues : fournissez un "
                       "PDF avec du texte.", pages=pages)
            )  # fmt: skip
        case "recognised":
            return (
                t("La page {pages} est numérisée : vérifiez ce qui en a été lu.", pages=pages)
                if one
                else t(
                    "Les pages {pages} sont numérisées : vérifiez ce qui en a été lu.", pages=pages
                )
            )
        case "foreign":
            tongue = Locale.parse(spoken()).languages.get(problem.detail, problem.detail)
            return (
                t("La page {pages} est en {tongue} : elle n'est pas dite aux appelants.",
                  pages=pages, tongue=tongue)
                if one
                else t("Les pages {pages} sont en {tongue} : elles ne sont pas dites aux "
                       "appelants.", pages=pages, tongue=tongue)
            )  # fmt: skip


def pages_said(pages: Iterable[int]) -> str:
    """Pages: « 3 à 5, 9 »."""
    runs = runs_of(pages)
    return ", ".join(
        str(a) if a == b else t("{first} à {last}", first=a, last=b) for a, b in runs
    )  # fmt: skip


def state_said(state: State) -> str:
    """A state as its badge says it."""
    return {
        "service": t("En service"),
        "new": t("Nouveau, à publier"),
        "replaced": t("Remplacé, à publier"),
        "corrected": t("Corrigé, à publier"),
        "removed": t("Retiré, à publier"),
    }[state]


def kind_said(kind: str) -> str:
    """A kind of passage."""
    return {
        "error_code": t("code d'erreur"),
        "procedure": t("marche à suivre"),
        "trouble": t("panne"),
        "specification": t("caractéristique"),
        "faq": t("question fréquente"),
        "warranty": t("garantie"),
        "table_row": t("ligne de tableau"),
        "safety": t("sécurité"),
    }.get(kind, t("texte"))


def product_said(entry: ManualEntry) -> str:
    """« Orvane lave-linge LV450, LV450X »."""
    product = entry.product
    return " ".join(
        part for part in (product.brand, product.appliance, ", ".join(product.references)) if part
    )


def upload_said(upload: Upload, step: Step | None) -> str:
    """How far a file is."""
    match upload.state:
        case "refused":
            return upload.refusal
        case "interrupted":
            return t("La préparation a été interrompue : réessayez.")
        case _:
            return _step_said(step)


def _step_said(step: Step | None) -> str:
    if step is None:
        return t("En attente")
    match step.stage:
        case "reading" if step.total:
            return t("Lecture : page {done} sur {total}", done=step.done, total=step.total)
        case "embedding" if step.total:
            return t("Compréhension : passage {done} sur {total}", done=step.done, total=step.total)
        case "writing":
            return t("Mise en place dans le brouillon")
        case _:
            return t("Ouverture")


def share_of(step: Step | None) -> float:
    """How far a file is in all, 0 to 1: reading is a quarter of it, embedding nearly the rest."""
    if step is None:
        return 0.0
    within = step.done / step.total if step.total else 0.0
    start, width = {
        "loading": (0.0, 0.02), "reading": (0.02, 0.23), "embedding": (0.25, 0.7),
    }.get(step.stage, (0.95, 0.05))  # fmt: skip
    return start + width * within


def difference_said(found: Mapping[str, Any]) -> list[str]:
    """What changes for callers, a line each; `found` is `Difference.as_json`."""
    said = []
    if found.get("added"):
        said.append(t("Ajouté : {names}", names=", ".join(found["added"])))
    if found.get("replaced"):
        said.append(t("Remplacé : {names}", names=", ".join(found["replaced"])))
    if found.get("removed"):
        said.append(t("Retiré : {names}", names=", ".join(found["removed"])))
    said += [
        t("{manual} : « {before} » devient « {after} »", manual=change["manual"],
          before=change["before"] or t("sans nom"), after=change["after"] or t("sans nom"))
        for change in found.get("products", ())
    ]  # fmt: skip
    new, gone = found.get("codes_added", ()), found.get("codes_removed", ())
    if new:
        said.append(
            tn("{n} code de plus : {names}", "{n} codes de plus : {names}", len(new),
               names=_named(new))
        )  # fmt: skip
    if gone:
        said.append(
            tn("{n} code de moins : {names}", "{n} codes de moins : {names}", len(gone),
               names=_named(gone))
        )  # fmt: skip
    before, after = found.get("passages_before", 0), found.get("passages_after", 0)
    if before != after:
        said.append(
            t(
                "Passages : {before} avant, {after} après",
                before=number(before),
                after=number(after),
            )
        )
    return said


def _named(codes: Iterable[Iterable[str]]) -> str:
    names = list(dict.fromkeys(tuple(code)[1].split(" : ")[0] for code in codes))
    more = ", …" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
