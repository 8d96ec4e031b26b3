"""An answer of the manuals as JSON and as text for the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from knowledge.answer import Answer
from voices.prompts import prompt, which_appliance


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The JSON of `permanence ask --json`."""
    return {
        "decision": answer.decision,
        "text": spoken_text(answer),
        "confidence": round(answer.confidence, 3),
        "product": answer.product,
        "reason": answer.reason,
        "choices": list(answer.choices),
        "topic": answer.topic,
        "other": None if answer.other is None else answer_as_json(answer.other),
        "evidence": [asdict(evidence) for evidence in answer.evidence],
        "timings_ms": dict(answer.timings_ms),
    }


def spoken_text(answer: Answer) -> str:
    """What a caller would hear first: the answer, or the question that is put to them."""
    match answer.decision:
        case "confirm":
            return prompt("confirm", topic=answer.topic)
        case "clarify":
            return which_appliance(answer.choices)
        case "handoff":
            return prompt("unsure_unknown")
        case _:
            return answer.text


def answer_as_text(answer: Answer) -> str:
    """A few lines to read."""
    lines = [f"[{answer.decision}, {answer.confidence:.2f}] {spoken_text(answer)}"]
    if answer.other is not None:
        lines.append(f"  (sinon : {answer.other.topic})")
    if answer.reason:
        lines.append(f"  ({answer.reason})")
    lines += [f"  {evidence.place} : {evidence.text[:100]}" for evidence in answer.evidence]
    return "\n".join(lines)
