"""The page « Questions »: groups of what was not answered, and what was approved or left aside."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import PermanenceError
from agent.handoff.message import zone_of
from agent.privacy.masking import masked
from agent.store.faq import Faq
from agent.store.gap_groups import Group, Question
from agent.store.gaps import GapKind
from agent.store.users import User
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.calls.private import sees_all
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.gaps.files import turn_address
from agent.web.portal.parts import Cell, notice, panel, table
from agent.web.portal.words import day, moment, t, tn
from knowledge.appliances import appliances_in
from knowledge.errors import KnowledgeError

SHOWN = 50
"""Groups of a page: the largest ones."""

QUESTIONS_SHOWN = 20
LOOK_AGAIN_S = 1.0
HERE = "questions"


@ui.page(f"{PATH}/{{slug}}/questions", title="permanence")
async def gaps_page(request: Request, slug: str) -> Response | None:
    """What callers asked in vain, and what they are answered now."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with framed(visit, HERE):
        page = _Page(visit)
        await page.show()
        page.keep_up()
    return None


class _Page:
    """The lists, made again when the groups have been."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        Words(t("Ce que vos appelants ont demandé sans être bien servis, regroupé par sens. "
                "Écrivez la réponse une fois : le prochain qui le demande l'entend."),
              "p")  # fmt: skip
        self._news = notice("")
        self._trouble = notice("", "bad")
        self._room = ui.element("div").classes("gaps")

    async def show(self) -> None:
        """The groups as they are kept, the answers, what was left aside."""
        house, slug = self._visit.house, self._visit.client.slug
        groups = await asyncio.to_thread(house.gaps.groups, slug)
        answers = await asyncio.to_thread(house.approving.list, slug)
        users = await asyncio.to_thread(house.users.list)
        names = {user.id: user.name for user in users}
        to_do = [one for one in groups if one.is_to_do]
        ignored = [
            one for one in groups
            if not one.is_to_do and any(q.settled == "ignored" for q in one.questions)
        ]  # fmt: skip
        self._room.clear()
        with self._room:
            with panel(t("À répondre")):
                if not to_do:
                    Words(t("Rien à compléter pour l'instant."), "p")
                elif len(to_do) > SHOWN:
                    Words(t("Les {n} plus demandées :", n=SHOWN), "p", "hint")
                for one in to_do[:SHOWN]:
                    self._group(one)
            self._answers(answers, names)
            if ignored:
                with panel(t("Ignorées")):
                    for one in ignored[:SHOWN]:
                        self._ignored(one)

    def keep_up(self) -> None:
        """Have the groups made anew, and show them once they are."""
        grouping, slug = self._visit.house.gap_grouping, self._visit.client.slug
        grouping.soon(slug)
        self._news.say(t("Mise à jour en cours…"))

        async def look() -> None:
            if not grouping.is_running(slug):
                timer.deactivate()
                self._news.say("")
                await self.show()

        timer = ui.timer(LOOK_AGAIN_S, look)

    # --- groups -------------------------------------------------------------------------------

    def _group(self, group: Group) -> None:
        title = shown_words(group.title, self._visit.user)
        with ui.element("section").classes("gap") as made:
            set_attributes(made, aria_label=title)
            Words(f"« {title} »", "h3")
            facts = [tn("{n} appel", "{n} appels", len(group.open)), _period(group)]
            kinds = Counter(one.gap.kind for one in group.open)
            facts += [f"{_kind(kind)} ({count})" for kind, count in kinds.most_common()]
            if about := appliances_of(group):
                facts.append(", ".join(about))
            Words(" · ".join(facts), "p", "hint")
            with ui.element("details"):
                Words(t("Ce qui a été dit"), "summary")
                with ui.element("ul").classes("asked-so"):
                    for one in group.open[:QUESTIONS_SHOWN]:
                        self._question(one)
            if self._visit.may_write:
                with ui.element("div").classes("actions"):
                    asked = urlencode({"groupe": group.key})
                    where = f"{self._visit.path(HERE)}/repondre?{asked}"
                    link(t("Répondre"), where, "plain strong",
                         aria_label=t("Répondre à « {title} »", title=title))  # fmt: skip
                    button(t("Ignorer"), self._visit.guarded(partial(self._ignore, group)),
                           aria_label=t("Ignorer « {title} »", title=title))  # fmt: skip

    def _question(self, one: Question) -> None:
        gap, user = one.gap, self._visit.user
        zone = zone_of(self._visit.client.hours)
        with ui.element("li"):
            Words(f"« {shown_words(gap.asked, user)} »", "p")
            with ui.element("p").classes("hint"):
                link(moment(gap.at, zone), f"{self._visit.path('appels')}/{gap.call_id}")
                Words(f" · {_kind(gap.kind)}", "span")
                if gap.note:
                    Words(f" · {gap.by} : « {shown_words(gap.note, user)} »", "span")
            if gap.recorded and sees_all(user):
                sound = ui.element("audio").props("controls preload=none")
                set_attributes(
                    sound, src=turn_address(self._visit.client.slug, gap.call_id, gap.position),
                    aria_label=t("Écouter l'appelant"),
                )  # fmt: skip

    def _ignored(self, group: Group) -> None:
        title = shown_words(group.title, self._visit.user)
        with ui.element("div").classes("ignored"):
            Words(f"« {title} »", "p")
            if self._visit.may_write:
                button(t("Remettre dans la liste"),
                       self._visit.guarded(partial(self._take_back, group)), "quiet",
                       aria_label=t("Remettre « {title} » dans la liste", title=title))  # fmt: skip

    async def _ignore(self, group: Group) -> None:
        keys = [one.key for one in group.open]
        store, slug, by = self._visit.house.gaps, self._visit.client.slug, self._visit.user.id
        await self._done(
            partial(store.settle, slug, keys, "ignored", by), "question.ignored", len(keys)
        )

    async def _take_back(self, group: Group) -> None:
        keys = [one.key for one in group.questions if one.settled == "ignored"]
        store, slug = self._visit.house.gaps, self._visit.client.slug
        await self._done(
            partial(store.settle, slug, keys, None, ""), "question.taken_back", len(keys)
        )

    # --- answers ------------------------------------------------------------------------------

    def _answers(self, answers: tuple[Faq, ...], names: dict[str, str]) -> None:
        with panel(t("Réponses approuvées")):
            if self._visit.may_write:
                with ui.element("div").classes("actions"):
                    link(t("Écrire une réponse"), f"{self._visit.path(HERE)}/repondre", "plain")
            if not answers:
                Words(t("Aucune réponse approuvée pour l'instant."), "p")
                return
            headings = [t("Question"), t("Réponse"), t("Pour"), t("Écrite par")]
            if self._visit.may_write:
                headings.append(t("Modifier"))
            rows: list[list[Cell]] = []
            for one in answers:
                about = " ".join([one.new.appliance, *one.new.models]) or t("tous les appareils")
                by = f"{names.get(one.changed_by, '—')}, {day(one.changed_at.date())}"
                row: list[Cell] = [f"{one.number}. {one.new.question}", one.new.answer, about, by]
                if self._visit.may_write:
                    row.append(partial(self._actions, one))
                rows.append(row)
            table(headings, rows, caption=t("Réponses approuvées"))

    def _actions(self, one: Faq) -> None:
        asked = urlencode({"reponse": one.faq_id})
        with ui.element("div").classes("actions"):
            link(t("Modifier"), f"{self._visit.path(HERE)}/repondre?{asked}", "quiet",
                 aria_label=t("Modifier « {question} »", question=one.new.question))  # fmt: skip
            button(t("Supprimer"), self._visit.guarded(partial(self._remove, one)), "quiet",
                   aria_label=t("Supprimer « {question} »", question=one.new.question))  # fmt: skip

    async def _remove(self, one: Faq) -> None:
        if await self._visit.confirmed(
            t("Supprimer la réponse à « {question} » ? Les appelants ne l'entendront plus.",
              question=one.new.question), t("Supprimer"), danger=True,
        ):  # fmt: skip
            act = partial(self._visit.house.approving.remove, self._visit.client.slug, one.faq_id)
            await self._done(act, "answer.removed", 1, one.new.question)

    async def _done(
        self, act: Callable[[], object], action: str, count: int, subject: str = ""
    ) -> None:
        try:
            await asyncio.to_thread(act)
        except (PermanenceError, KnowledgeError) as error:
            self._trouble.say(str(error))
            return
        self._trouble.say("")
        await self._visit.note(action, subject, count=count)
        await self.show()


def shown_words(words: str, user: User) -> str:
    """A caller's words: without what is their own for who may only look."""
    return words if sees_all(user) else masked(words)


def appliances_of(group: Group) -> list[str]:
    """The kinds that its questions name, the commonest first."""
    named = Counter(kind for one in group.questions for kind in set(appliances_in(one.gap.asked)))
    return [kind for kind, _ in named.most_common(3)]


def _period(group: Group) -> str:
    first, last = group.first.date(), group.last.date()
    if first == last:
        return t("le {day}", day=day(first))
    return t("du {first} au {last}", first=day(first), last=day(last))


def _kind(kind: GapKind) -> str:
    return {
        "wrong": t("jugée fausse"),
        "unanswered": t("sans réponse"),
        "misunderstood": t("mal comprise"),
    }[kind]
