"""Which words of a clause are denied: « ne … pas », « sans », « mal », « sauf ». Pure."""

from __future__ import annotations

from knowledge.wording import DENIALS, DENYING, EXCEPT, FLAWED, SILENT


class Denial:
    """Which words of a clause are denied."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def speaks(self, at: int) -> bool:
        """Whether a word that is silent elsewhere carries a claim here."""
        words = self._words
        if words[at] not in ("plus", "moins") or {"ne", "n"} & set(words[:at]):
            return False
        following = next((w for w in words[at + 1 :] if w not in ("de", "d")), "")
        bounds = "au" in words[max(0, at - 1) : at] or following[:1].isdigit()
        return not bounds

    def only(self, at: int) -> bool:
        """Whether « ne … que » restricts here."""
        words = self._words
        return (
            words[at] in ("que", "qu")
            and bool({"ne", "n"} & set(words[max(0, at - 4) : at]))
            and not any(self._denied_by(ne, at) for ne in ("ne", "n"))
        )

    def _denied_by(self, ne: str, at: int) -> bool:
        words = self._words
        if ne not in words[:at]:
            return False
        start = max(i for i in range(at) if words[i] == ne)
        return bool(DENIALS & set(words[start + 1 : min(len(words), start + 7)]))

    def of(self, at: int) -> str:
        """What denies a word, read leftwards over silent words: "" | not | badly | except."""
        words = self._words
        for i in range(at - 1, -1, -1):
            word = words[i]
            if word in FLAWED:
                return "badly"
            if word in EXCEPT:
                return "except"
            if word in ("ne", "n"):
                restricts = any(w in ("que", "qu") for w in words[i + 1 : i + 6])
                denied = bool(DENIALS & set(words[i + 1 : i + 7]))
                return "not" if denied or not restricts else ""
            if word in DENIALS | DENYING:
                taken = word not in ("pas", "plus", "jamais", "rien") or self._free(i)
                return "not" if taken else ""
            if word not in SILENT and word != "~":
                return ""
        return ""

    def _free(self, at: int) -> bool:
        """Whether « pas » denies what follows, not the verb before it (« n'ouvrez pas la … »)."""
        before = [w for w in self._words[max(0, at - 5) : at] if w != "~"]
        for index in range(len(before) - 1, -1, -1):
            if before[index] in ("ne", "n"):
                return all(w in SILENT for w in before[index + 1 :])
        return self._words[at] != "plus"
