"""A document's blocks become passages: walks through them with the headings in force."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from knowledge.documents import Block, Document
from knowledge.passages import subjects
from knowledge.passages.cells import code_line
from knowledge.passages.passage import Passage, passage_id_of
from knowledge.passages.prose import Problem, answer_of, labelled, question_and_answer, sentences
from knowledge.passages.regular import Item, items_of
from knowledge.passages.rows import Draft, drafts_of_table
from knowledge.products import Product
from knowledge.references import references_in
from knowledge.safety import fold

LONGEST_LIST = 900
"""Characters of a symptom's remedies that are still one passage."""

STEP_WORDS = 2.5
"""Mean number of words of a numbered list from which it tells what to do."""

FEWEST_WORDS = 3

_NUMBER = re.compile(r"^(\d+(?:\.\d+)*)\.?\s")
_NUMBERING = re.compile(r"^\d+(?:\.\d+)*\.?\s+")
_CONTENTS_LINE = re.compile(r"\D\s\d{1,3}$|^(?:[Cc]hapitre|[Pp]age)s?\b")
_CAPTION = re.compile(r"(?:[Ff]ig(?:ure)?|[Ss]ch[ée]ma|[Pp]hoto)\.? ?\d+\s*[–—:.-]")
_MODEL_FIRST = re.compile(
    r"^(?:(?:[Ss]ur|[Pp]our) (?:le |la |les |l['’])?)?(?P<name>[\w /-]{3,40}?)\s*[:,]\s"
)
_MODEL_LAST = re.compile(r"\((?P<name>[^()]{3,40})\)[ .:]*$")


@dataclass(frozen=True)
class _Heading:
    level: int
    number: str
    title: str

    def holds(self, level: int, number: str) -> bool:
        """Whether a heading stands under this one: 2.3 under 2, else small under large."""
        if self.number and number:
            return number.startswith(f"{self.number}.")
        return self.level < level


@dataclass
class _Section:
    """What stands under one heading, gathered until the next one."""

    path: tuple[str, ...]
    page: int
    language: str
    intro: list[str] = field(default_factory=list)
    pending: list[tuple[str, int]] = field(default_factory=list)
    warnings: list[tuple[str, int]] = field(default_factory=list)
    steps: list[tuple[str, int]] = field(default_factory=list)
    question: str = ""
    problem: Problem | None = None
    code: tuple[str, str] | None = None

    @property
    def title(self) -> str:
        return self.path[-1] if self.path else ""


def passages_of(document: Document, manual: str, product: Product) -> list[Passage]:
    """All passages of a document, in reading order."""
    builder = _Builder(manual, product)
    for item in items_of(document):
        builder.read(item)
    return builder.finish()


class _Builder:
    def __init__(self, manual: str, product: Product) -> None:
        self._manual = manual
        self._product = product
        self._headings: list[_Heading] = []
        self._section = _Section((), 1, "fr")
        self._skipping = False
        self._contents_page = 0
        self._passages: dict[str, Passage] = {}

    def read(self, item: Item) -> None:
        """Take in the next block."""
        block = item.block
        if block.kind == "heading":
            self._open(item)
            return
        if self._skipping:
            return
        if self._section.language != item.language:
            self._renew(item)
        if item.table is not None:
            self._end_of_prose()
            for draft in drafts_of_table(item.table, self._section.path, self._product.references):
                self._add(draft)
        else:
            self._gather(block, item)

    def finish(self) -> list[Passage]:
        """The passages, after the last block."""
        self._close()
        return list(self._passages.values())

    # --- sections -----------------------------------------------------------------------------

    def _open(self, item: Item) -> None:
        self._close()
        number = (found := _NUMBER.match(item.block.text)) and found[1]
        title = _NUMBERING.sub("", item.block.text).strip()
        self._headings = [h for h in self._headings if h.holds(item.block.level, number or "")]
        self._headings.append(_Heading(item.block.level, number or "", title))
        self._skipping = self._is_contents(title, item)
        self._section = self._new(item)
        if title.endswith("?") and question_and_answer(title) is not None:
            self._section.question = title
        about = subjects.under(self._section.path, subjects.CODES)
        self._section.code = code_line(title, loose=about) or _bare_code(title, about)

    def _is_contents(self, title: str, item: Item) -> bool:
        """Whether a heading is a table of contents, or one of its lines on the same page."""
        if subjects.CONTENTS.match(fold(title)):
            self._contents_page = item.block.page
            return True
        line = _CONTENTS_LINE.search(title) is not None
        return self._skipping and line and item.block.page == self._contents_page

    def _new(self, item: Item) -> _Section:
        path = tuple(heading.title for heading in self._headings)
        return _Section(path, item.block.page, item.language)

    def _renew(self, item: Item) -> None:
        """Another passage begins under the same heading."""
        code, question = self._section.code, self._section.question
        self._close()
        self._section = self._new(item)
        self._section.code, self._section.question = code, question

    def _gather(self, block: Block, item: Item) -> None:
        section = self._section
        if block.kind == "step" and (section.steps or block.level <= 1):
            if block.level == 1 and section.steps:
                self._renew(item)  # a second procedure under the same heading
                section = self._section
            self._end_of_prose(steps_follow=True)
            section.steps.append((block.text, block.page))
        elif block.kind == "warning":
            section.warnings.append((block.text, len(section.steps)))
            self._add(Draft(block.page, "safety", "", block.text, (block.text,)))
        else:
            if section.steps and block.kind in ("paragraph", "step"):
                self._renew(item)
            self._prose(block, item)

    def _prose(self, block: Block, item: Item) -> None:
        """A paragraph or a bullet: a labelled problem, a line of a code, a question, or text."""
        section, text = self._section, block.text
        if _CAPTION.match(text):
            return
        if labels := labelled(text):
            for label, said in labels:
                if label == "symptom" or section.problem is None:
                    self._end_of_prose()
                    section.problem = Problem(
                        said if label == "symptom" else section.title, block.page
                    )
                if label != "symptom":
                    section.problem.add(label, said)
            return
        about = subjects.under(section.path, subjects.CODES)
        closed = subjects.under(section.path, subjects.TECHNICIAN)  # no advice for a caller
        line = None if closed else code_line(text, loose=about)
        if line is not None and (about or re.match(r"[«\"]?(?:[Ee]rr|[Cc]ode)", text)):
            self._end_of_prose()
            self._add(_code_draft(line, block.page))
            return
        asked = question_and_answer(text) if block.kind == "paragraph" else None
        if asked is not None:
            self._renew(item)
            self._section.question = asked[0]
            if asked[1]:
                self._section.pending.append((asked[1], block.page))
                self._end_of_prose()
                self._section.question = ""
            return
        section.intro.append(text)
        section.pending.append((text, block.page))

    def _close(self) -> None:
        section = self._section
        if section.steps:
            self._add(self._procedure(section))
        self._end_of_prose()
        section.steps, section.warnings = [], []

    def _procedure(self, section: _Section) -> Draft:
        steps = tuple(text for text, _ in section.steps)
        warnings = tuple(text for text, _ in section.warnings)
        # One that follows a step is heard before it; one that ends the steps, before them all.
        warned = tuple(0 if at >= len(steps) else max(0, at - 1) for _, at in section.warnings)
        words = [*section.intro, *warnings, *steps]
        if section.code is not None:
            code, meaning = section.code
            meaning = meaning or next((s for text in section.intro for s in sentences(text)), "")
            return Draft(section.steps[0][1], "error_code", meaning, " ".join(words), steps,
                         code=code, warnings=warnings, warned=warned)  # fmt: skip
        if sum(len(step.split()) for step in steps) < STEP_WORDS * len(steps):  # names, not acts
            listed = " ; ".join(step.rstrip(". ;") for step in steps)
            text = f"{' '.join([*section.intro, section.title])} : {listed}."
            return Draft(section.steps[0][1], "text", section.title, text, (text,))
        return Draft(section.steps[0][1], "procedure", section.title, " ".join(words), steps,
                     warnings=warnings, warned=warned)  # fmt: skip

    # --- running text -------------------------------------------------------------------------

    def _end_of_prose(self, *, steps_follow: bool = False) -> None:
        """What has been gathered as running text becomes passages."""
        section = self._section
        pending, section.pending = section.pending, []
        problem, section.problem = section.problem, None
        if problem is not None and problem.pairs:
            self._add(_problem_draft(problem))
        if not pending:
            return
        whole = " ".join(text for text, _ in pending)
        page, alone = pending[0][1], not (section.steps or steps_follow)
        if section.code is not None:
            if alone:
                code, meaning = section.code
                words = f"{meaning.rstrip('. ')}. {whole}" if meaning else whole
                self._add(_code_draft((code, words), page))
        elif section.question and alone and len(whole) <= LONGEST_LIST:
            said = answer_of(whole)
            self._add(Draft(page, "faq", section.question, f"{section.question} {said}", (said,)))
        elif alone and self._is_symptom(section, whole):
            steps = tuple(text for text, _ in pending)
            self._add(Draft(page, "trouble", section.title, f"{section.title}. {whole}", steps))
        else:
            for text, page in pending:
                kind = subjects.prose_kind(section.path, text)
                self._add(Draft(page, kind, "", text, (text,)))

    def _is_symptom(self, section: _Section, whole: str) -> bool:
        """Whether a heading of a chapter on faults names one, with what to do under it."""
        deepest = fold(section.title)
        return (
            len(section.path) > 1
            and subjects.under(section.path[:-1], subjects.TROUBLE)
            and not subjects.TROUBLE.search(deepest)
            and not subjects.WARRANTY.search(deepest)
            and not subjects.CODES.search(deepest)
            and len(whole) <= LONGEST_LIST
        )

    # --- one passage --------------------------------------------------------------------------

    def _add(self, draft: Draft) -> None:
        if len(draft.text.split()) < FEWEST_WORDS and not draft.code:
            return
        section = self._section
        heading = " > ".join(section.path)
        passage_id = passage_id_of(
            self._manual, draft.page, draft.kind, heading, draft.code, draft.text
        )
        self._passages[passage_id] = Passage(
            passage_id=passage_id, manual=self._manual, page=draft.page,
            language=section.language, kind=draft.kind, product=self._product.name,
            heading=heading, title=draft.title, text=draft.text, code=draft.code,
            causes=draft.causes, steps=draft.steps, warnings=draft.warnings, warned=draft.warned,
            models=draft.models or self._models(draft, section.path),
            attribute=draft.attribute, values=draft.values,
        )  # fmt: skip

    def _models(self, draft: Draft, path: Sequence[str]) -> tuple[str, ...]:
        """The references for which a passage holds, where it or its heading names only some."""
        every = self._product.references
        for title in reversed(path[1:] or path):
            named = references_in(title, every)
            if named:
                if len(named) == len(every):
                    break
                others = set(references_in(f"{draft.text} {draft.values}", every)) - set(named)
                return () if others else named
        for text in (draft.title, "" if draft.values else draft.text):
            found = _MODEL_FIRST.match(text) or _MODEL_LAST.search(text)
            named = references_in(found["name"], every) if found else ()
            if named and named == references_in(text, every) and len(named) < len(every):
                return named
        return ()


def _bare_code(title: str, about: bool) -> tuple[str, str] | None:
    """A heading that is a code and nothing else: « Code E20 »."""
    line = code_line(f"{title} : x", loose=about) if len(title) < 20 else None
    known = line is not None and (about or re.match(r"(?:[Cc]ode|[Ee]rr)", title))
    return (line[0], "") if line is not None and known else None


def _code_draft(line: tuple[str, str], page: int) -> Draft:
    code, words = line
    meaning, *steps = sentences(words) or [words]
    return Draft(page, "error_code", meaning, f"{code}. {words}", tuple(steps), code=code)


def _problem_draft(problem: Problem) -> Draft:
    pairs = tuple(problem.pairs)
    words = [problem.symptom, *(part for pair in pairs for part in pair if part)]
    text = ". ".join(word.rstrip(". ") for word in words) + "."
    causes = " ".join(cause.rstrip(". ") + "." for cause, _ in pairs if cause)
    steps = [action for _, action in pairs if action]
    if len(pairs) > 1:
        steps = [" : ".join(part for part in (c.rstrip(". :"), a) if part) for c, a in pairs]
    draft = Draft(problem.page, "trouble", problem.symptom, text, tuple(steps), causes=causes)
    return replace(draft, values=pairs) if len(pairs) > 1 else draft
