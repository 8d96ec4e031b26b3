"""Which calls are taken and which refused."""

from __future__ import annotations

import pytest

from agent.call.admission import Admission
from agent.call.guard import CALLERS_KEPT, Asking, Guard, Limits, Rate, number_of
from agent.call.live import LiveCalls
from agent.errors import CallRefusedError

LIMITS = Limits(
    per_client=3,
    per_number=2,
    by_line={"asterisk": 4, "trunk-a": 2, "browser": 1},
    caller=Rate(2, 60.0),
    masked=Rate(3, 60.0),
)


def asking(line: str = "media-socket", client: str = "acme", **more: str) -> Asking:
    """A call; « asterisk/trunk-a » names its trunk."""
    transport, _, trunk = line.partition("/")
    return Asking(client, transport, trunk=trunk or None, **more)


A, B = "asterisk/trunk-a", "asterisk/trunk-b"


@pytest.mark.parametrize(
    ("coming", "in_progress", "refused"),
    [
        (asking(), [], None),
        (asking(), [asking(), asking()], None),
        (asking(), [asking()] * 3, "client_full"),
        (asking(client="bora"), [asking()] * 3, None),
        (asking("browser"), [asking("browser", client="bora")], "trunk_full"),
        (asking("browser"), [asking(), asking()], None),
        (asking(A), [asking(A, client="bora")] * 2, "trunk_full"),
        (asking(B), [asking(A, client="bora")] * 2, None),
        (asking(B), [asking(B, client="bora")] * 3, None),
        (asking(B), [*[asking(B, client="bora")] * 3, asking(A, client="coda")], "trunk_full"),
        (asking("asterisk"), [asking(B, client="bora")] * 4, "trunk_full"),
        (asking(B), [asking("asterisk", client="bora")] * 4, "trunk_full"),
        (asking(called="0100"), [asking(called="0100")] * 2, "number_full"),
        (asking(called="0101"), [asking(called="0100")] * 2, None),
        (asking(), [asking()] * 2, None),  # no number was dialled: not two of one number
    ],
)
def test_caps(coming: Asking, in_progress: list[Asking], refused: str | None) -> None:
    """Each cap counts its own calls only; a trunk's calls are its transport's, too."""
    assert Guard(LIMITS).refusal(coming, in_progress, 0.0) == refused
    assert Guard(Limits()).refusal(coming, in_progress * 100, 0.0) is None


@pytest.mark.parametrize(
    ("calls", "at_s", "refused"),
    [
        ([], 0, None),
        ([(0, "0639981234")], 1, None),
        ([(0, "0639981234"), (1, "+33 6 39 98 12 34")], 59.9, "caller_too_often"),
        ([(0, "0639981234"), (1, "+33 6 39 98 12 34")], 60, None),
        ([(0, "0639981234"), (1, "0033639981234"), (60, "0639981234")], 60.5, "caller_too_often"),
        ([(0, "0639981235"), (1, "0639981236"), (2, "0639981237")], 3, None),
        ([(0, "anonymous"), (0, ""), (0, "Restricted")], 3, None),
    ],
)
def test_rate_of_a_number(calls: list[tuple[float, str]], at_s: float, refused: str | None) -> None:
    """The window slides; one number is one however it is written; others do not count for it."""
    guard = Guard(LIMITS)
    for when_s, caller in calls:
        guard.took(asking(caller=caller), when_s)
    assert guard.refusal(asking(caller="06 39 98 12 34"), [], at_s) == refused


def test_masked_callers_are_one_group_of_their_client() -> None:
    """Whatever a line writes for « no number » counts together; another client's are apart."""
    guard = Guard(LIMITS)
    for when_s, caller in enumerate(("anonymous", "+266696687", "")):
        assert guard.refusal(asking(caller=caller), [], when_s) is None
        guard.took(asking(caller=caller), when_s)
    hidden = asking(caller="sip:anonymous@anonymous.invalid")
    assert guard.refusal(hidden, [], 59.0) == "masked_too_often"
    assert guard.refusal(asking(client="bora", caller="anonymous"), [], 59.0) is None
    assert guard.refusal(asking(caller="0639981234"), [], 59.0) is None
    assert guard.refusal(hidden, [], 60.0) is None


def test_a_line_without_numbers_has_no_rate() -> None:
    """A browser tells no number: nothing is counted, nothing remembered."""
    guard = Guard(LIMITS)
    for when_s in range(100):
        assert guard.refusal(asking(), [], when_s) is None
        guard.took(asking(), when_s)
    assert len(guard) == 0


def test_memory_is_bounded() -> None:
    """Of a flood of invented numbers the oldest are forgotten; who calls now is remembered."""
    guard = Guard(LIMITS)
    for number in range(CALLERS_KEPT + 500):
        guard.took(asking(caller=f"07{number:08}"), 1.0)
        guard.took(asking(caller="0639981234"), 1.0)
    assert len(guard) == CALLERS_KEPT
    assert guard.refusal(asking(caller="0639981234"), [], 2.0) == "caller_too_often"
    quiet = Guard(LIMITS)
    quiet.took(asking(caller="0639981234"), 0.0)
    assert quiet.refusal(asking(caller="0639981234"), [], 61.0) is None
    assert len(quiet) == 0


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0639981234", "0639981234"),
        ("+33639981234", "0639981234"),
        ("+33 (0)6 39 98 12 34", "0639981234"),
        ("0033 6.39.98.12.34", "0639981234"),
        ("sip:+33639981234@trunk.example", "0639981234"),
        ("+32470000000", "0032470000000"),
        ("0032470000000", "0032470000000"),
        ("3631", "3631"),
        ("", ""),
        ("anonymous", ""),
        ("sip:anonymous@10.0.0.1", ""),
        ("+7378742833", ""),
        ("٠٦٣٩٩٨١٢٣٤", ""),
    ],
)
def test_number_of(written: str, number: str) -> None:
    """One spelling a number; what is none is masked."""
    assert number_of(written) == number


class Told:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []

    def taken(self, call_id: str, asking: Asking) -> None:
        """A call has its place."""
        self.heard.append(("taken", call_id, asking.client))

    def left(self, call_id: str, asking: Asking) -> None:
        """It is over."""
        self.heard.append(("left", call_id, asking.client))

    def refused(self, reason: str, transport: str, client: str) -> None:
        """A call was not taken."""
        self.heard.append(("refused", reason, transport, client))


def test_admission() -> None:
    """A place is held and given back, a refusal says why and changes nothing, all is told."""
    live, told, clock_s = LiveCalls(3), Told(), [0.0]
    admission = Admission(live, Guard(LIMITS), lambda: clock_s[0])
    admission.watch(told)
    ring = asking(caller="0639981234")
    for name in ("one", "two"):
        with admission.admit(name, ring):
            assert len(live) == len(admission.in_progress()) == 1
    for _ in range(3):  # being refused is not held against who tries again
        with (
            pytest.raises(CallRefusedError, match="PERMANENCE_CALLER_CALLS") as refused,
            admission.admit("three", ring),
        ):
            pass
        assert refused.value.reason == "caller_too_often"
        assert len(live) == len(admission.in_progress()) == 0
    clock_s[0] = 60.0
    with pytest.raises(ZeroDivisionError), admission.admit("four", ring):
        raise ZeroDivisionError
    assert told.heard == [
        ("taken", "one", "acme"), ("left", "one", "acme"),
        ("taken", "two", "acme"), ("left", "two", "acme"),
        *[("refused", "caller_too_often", "media-socket", "acme")] * 3,
        ("taken", "four", "acme"), ("left", "four", "acme"),
    ]  # fmt: skip


def test_all_lines_busy() -> None:
    """Places that a test or another door holds count; such a refusal uses up no call of a rate."""
    live, told = LiveCalls(1), Told()
    admission = Admission(live, Guard(LIMITS), lambda: 0.0)
    end = admission.watch(told)
    ring = asking(caller="0639981234")
    with live.admit("other"):
        for _ in range(5):
            with (
                pytest.raises(CallRefusedError, match="PERMANENCE_MAX_CALLS") as refused,
                admission.admit("one", ring),
            ):
                pass
            assert refused.value.reason == "busy"
    with admission.admit("one", ring):
        pass
    end()
    with admission.admit("two", ring):
        pass
    admission.refuse("bad_start", "media-socket")
    assert told.heard == [
        *[("refused", "busy", "media-socket", "acme")] * 5,
        ("taken", "one", "acme"), ("left", "one", "acme"),
    ]  # fmt: skip


def test_who_counts_ends_no_call() -> None:
    """A watcher's own failure is logged, the call goes on and its place comes free."""
    live = LiveCalls(1)
    admission = Admission(live, Guard(Limits()))

    class Broken(Told):
        def taken(self, call_id: str, asking: Asking) -> None:
            raise ZeroDivisionError

        left = taken

    admission.watch(Broken())
    with admission.admit("one", asking()):
        assert len(live) == 1
    assert len(live) == 0
