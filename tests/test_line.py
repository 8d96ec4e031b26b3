"""What a line does to speech, and what is read off what arrives: known signals, exact values."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, to_int16
from evals import sounds
from evals.arrived import (
    Take,
    code_in,
    measured,
    missed,
    rate_of,
    rate_of_sums,
    reference_in,
    word_errors,
)
from evals.barging import Outcome, measure
from evals.bounded import each
from evals.end_of_turn import REPLY_S, Heard
from evals.invented import Invented, quiet_clips, words_a_minute
from evals.line import (
    CONDITIONS,
    Condition,
    alaw,
    background,
    gsm,
    lossy,
    lost_frames,
    mixed,
    on_the_line,
    received,
    reverberant,
    speech_rms,
    stretched,
)
from evals.real_speech import transcripts
from evals.turn_clips import LEAD_S, TAIL_S, Clip, Plan, cut, on_a_line, plans
from evals.utterances import Lexicon, Utterance, nouns, stems
from knowledge.codes import CodeBook

WIDE_HZ = 16_000


def tone(pitch_hz: float, seconds: float = 1.0, rate_hz: int = WIDE_HZ) -> np.ndarray:
    """A sine of amplitude 0.5."""
    return 0.5 * np.sin(2 * np.pi * pitch_hz * np.arange(int(seconds * rate_hz)) / rate_hz)


def loudest_hz(signal: np.ndarray, rate_hz: int) -> float:
    """Frequency of the strongest component."""
    power = np.abs(np.fft.rfft(signal * np.hanning(signal.size)))
    return float(np.fft.rfftfreq(signal.size, 1 / rate_hz)[int(power.argmax())])


def random(seed: int = 1) -> np.random.Generator:
    """Randomness that is always the same."""
    return np.random.default_rng(seed)


# --- sounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["kitchen", "hum", "hiss", "fan", "music"])
def test_sounds_have_unit_level_and_can_be_repeated(noise: str) -> None:
    """Each sound has RMS 1, is the same for a seed and another for another."""
    made = [background(noise, 2 * WIDE_HZ, WIDE_HZ, random(seed)) for seed in (1, 1, 2)]
    assert np.sqrt(np.mean(made[0] ** 2)) == pytest.approx(1.0)
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_hum_is_fifty_hertz_and_its_harmonics() -> None:
    """All of a hum's power stands at multiples of 50 Hz, most of it at 50 Hz."""
    power = np.abs(np.fft.rfft(sounds.hum(WIDE_HZ, WIDE_HZ, random()))) ** 2
    assert int(power.argmax()) == 50
    assert power[50 : 50 * 14 : 50].sum() / power.sum() == pytest.approx(1.0)


def test_a_television_needs_speech_and_keeps_its_band() -> None:
    """Babble comes from the clips given and has next to nothing under 100 Hz; none is an error."""
    clip = to_int16(tone(60) + tone(1000))
    babble = sounds.television(WIDE_HZ, WIDE_HZ, random(), [clip])
    power = np.abs(np.fft.rfft(babble)) ** 2
    assert power[1000] / power[60] > 1000
    with pytest.raises(ValueError, match="needs speech"):
        sounds.television(WIDE_HZ, WIDE_HZ, random(), [])


# --- the line ---------------------------------------------------------------------------------


def test_speech_stands_over_noise_by_the_ratio_asked_for() -> None:
    """Pauses do not count as speech: half a clip of silence leaves the ratio as it is."""
    speech = np.concatenate([tone(300), np.zeros(WIDE_HZ)])
    assert speech_rms(speech, WIDE_HZ) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    added = mixed(speech, random().standard_normal(speech.size), WIDE_HZ, 15.0) - speech
    ratio = speech_rms(speech, WIDE_HZ) / np.sqrt(np.mean(added**2))
    assert 20 * np.log10(ratio) == pytest.approx(15.0, abs=0.01)


def test_a_telephone_passes_a_voice_and_neither_hum_nor_treble() -> None:
    """1 kHz arrives as it was; 60 Hz and 3.8 kHz lose 30 dB and more."""
    levels = {
        hz: np.sqrt(np.mean(on_the_line(to_int16(tone(hz)), WIDE_HZ, random()).astype(float) ** 2))
        for hz in (60, 1000, 3800)
    }
    assert levels[1000] == pytest.approx(32767 * 0.5 / np.sqrt(2), rel=0.01)
    assert levels[60] < levels[1000] / 30
    assert levels[3800] < levels[1000] / 30


def test_alaw_twice_is_alaw_once() -> None:
    """What has been through G.711 goes through it unchanged; its error is under 4 % of a sample."""
    once = alaw(to_int16(tone(440)))
    assert np.array_equal(alaw(once), once)
    exact = to_int16(tone(440)).astype(int)
    loud = np.abs(exact) > 1000
    assert np.max(np.abs(once[loud] - exact[loud]) / np.abs(exact[loud])) < 0.04


def test_the_mobile_codec_keeps_length_and_pitch() -> None:
    """AMR gives as many samples as it was given, the tone where it was, and is lossy."""
    said = to_int16(tone(440, rate_hz=TELEPHONE_RATE_HZ))
    heard = gsm(said)
    assert heard.size == said.size
    assert loudest_hz(heard.astype(float), TELEPHONE_RATE_HZ) == pytest.approx(440, abs=2)
    assert not np.array_equal(heard, said)


def test_lost_frames_come_as_often_and_in_such_runs_as_asked_for() -> None:
    """A tenth of 100,000 frames, three in a row on average."""
    lost = np.array(lost_frames(100_000, 0.1, 3.0, random()))
    runs = int(np.sum(lost[1:] & ~lost[:-1])) + int(lost[0])
    assert lost.mean() == pytest.approx(0.1, abs=0.01)
    assert lost.sum() / runs == pytest.approx(3.0, abs=0.1)


def test_a_lost_frame_is_the_last_one_at_half_its_level() -> None:
    """Each lost frame in a row is half as loud as the one before; the others are untouched."""
    levels = np.arange(1, 51, dtype=np.int16) * 64
    heard = lossy(np.repeat(levels, 160), 0.3, 2.0, random(4))
    expected, level = [], 0.0
    for sent, lost in zip(levels, lost_frames(50, 0.3, 2.0, random(4)), strict=True):
        level = int(level / 2) if lost else int(sent)
        expected.append(level)
    assert heard.reshape(50, 160).tolist() == [[level] * 160 for level in expected]


def test_a_room_rings_for_its_reverberation_time() -> None:
    """A click's energy falls by 60 dB in RT60, by Schroeder's backward integral."""
    click = np.zeros(WIDE_HZ)
    click[0] = 1.0
    tail = reverberant(click, WIDE_HZ, 0.5, random())
    left_db = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1] / np.sum(tail[1:] ** 2) + 1e-12)
    slope = (left_db[800] - left_db[4800]) / (4000 / WIDE_HZ)  # between 50 and 300 ms
    assert 60 / slope == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize("speed", [0.75, 0.9, 1.25])
def test_slower_and_faster_speech_keeps_its_pitch(speed: float) -> None:
    """Length is divided by the speed, the tone stays where it was and as loud."""
    said = stretched(tone(220, 2.0), WIDE_HZ, speed)
    assert said.size == round(2 * WIDE_HZ / speed)
    assert loudest_hz(said, WIDE_HZ) == pytest.approx(220, abs=1)
    assert np.sqrt(np.mean(said**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_a_clean_condition_changes_nothing() -> None:
    """16 kHz without noise, room or codec is the speech itself."""
    said = to_int16(tone(300))
    heard, rate_hz = received(CONDITIONS["clean 16k"], said, WIDE_HZ)
    assert rate_hz == WIDE_HZ
    assert np.abs(heard.astype(int) - said).max() <= 1


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_can_be_repeated(name: str) -> None:
    """The same seed gives the same samples; the length is the speech's over the speed."""
    said = to_int16(tone(300) + 0.2 * tone(1700))
    condition = CONDITIONS[name]
    first, rate_hz = received(condition, said, WIDE_HZ, 5, [said])
    again, _ = received(condition, said, WIDE_HZ, 5, [said])
    assert np.array_equal(first, again)
    assert first.size == pytest.approx(rate_hz / condition.speed, abs=1)


def test_levels_are_applied_before_the_codec() -> None:
    """Faint is a tenth of the amplitude; what is over full scale is flat."""
    said = to_int16(tone(1000))
    normal, _ = received(Condition("normal"), said, WIDE_HZ)
    faint, _ = received(Condition("faint", level_db=-20), said, WIDE_HZ)
    loud, _ = received(Condition("loud", codec="none", level_db=12), said, WIDE_HZ)
    assert faint.astype(float).std() == pytest.approx(normal.astype(float).std() / 10, rel=0.02)
    assert np.mean(np.abs(loud.astype(int)) >= 32767) > 0.5


# --- what arrived -----------------------------------------------------------------------------


def test_words_are_counted_whatever_their_spelling() -> None:
    """Figures in words or digits are one word; a missing word is an error of one."""
    assert word_errors("il affiche E vingt-quatre", "Il affiche E24.") == (0, 3)
    assert word_errors("le filtre de la pompe", "le filtre de pompe") == (1, 5)
    assert word_errors("oui", "") == (1, 1)


def test_codes_and_references_are_read_as_calls_read_them() -> None:
    """Spelled or in one piece, with a hyphen or without."""
    assert code_in("E24", "mon four affiche le code E vingt-quatre")
    assert not code_in("E24", "mon four affiche le code vingt-quatre")
    assert reference_in("HRC340", "c'est un HRC-340")
    assert not reference_in("HSL82", "la référence est celle 42")


def test_domain_words_are_nouns_of_the_manuals() -> None:
    """A word that follows an article three times; plurals are the same word, number words none."""
    manual = ["Nettoyez le filtre.", "Les filtres se rincent.", "Le filtre est gras. Deux fois."]
    assert nouns(manual) == stems("filtre")
    assert missed(stems("filtre pompe"), ["les filtres"]) == (1, 2)
    assert missed(stems("filtre pompe"), ["les filtres", "la pompe"]) == (0, 2)


def test_measures_are_each_over_their_own_utterances() -> None:
    """A question gives word errors, a number its figures; what was not said has no rate."""
    lexicons = {"orvane": Lexicon((), CodeBook([]), frozenset(), ())}
    question = Utterance("le filtre de la pompe", "question", "orvane", terms=stems("filtre"))
    number = Utterance("06 39 98 12 34", "number", "orvane", "0639981234")
    takes = [
        Take(question, "one", "telephone", True, ("le filtre de pompe", "le filtre")),
        Take(number, "one", "telephone", True, ("zéro six 39 98 12 34",)),
        Take(replace(number, wanted="0639981235"), "one", "telephone", True, ()),
    ]
    row = measured(takes, lexicons)
    assert row.words.value == pytest.approx(0.2)
    assert row.terms.value == 0.0
    assert (row.number.value, row.number.count) == (0.5, 2)
    assert row.code.count == 0
    assert str(row.code).strip() == "–"


def test_intervals_hold_the_value_and_narrow_with_the_sample() -> None:
    """A rate of a half: within its interval, which four hundred clips make narrower than forty."""
    few, many = (rate_of([True, False] * count) for count in (20, 200))
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    sums = rate_of_sums([(1, 4), (3, 4)] * 20)
    assert sums.value == 0.5
    assert sums.count == 160


def test_invented_words_are_counted_by_the_minute() -> None:
    """Two words in one of two clips of five seconds: twelve a minute, none behind the detector."""
    found = [Invented("hum", True, False, "merci beaucoup"), Invented("hum", True, True, "")]
    assert words_a_minute(found) == pytest.approx(12.0)
    assert words_a_minute(found, behind_detector=True) == 0.0


def test_quiet_clips_are_in_equal_parts() -> None:
    """A minute is twelve clips of five seconds, three of each sound."""
    made = quiet_clips(1.0)
    assert [sound for sound, _ in made].count("music") == 3
    assert {samples.size for _, samples in made} == {5 * TELEPHONE_RATE_HZ}
    assert len(made) == 12


def test_prompts_are_taken_that_say_something() -> None:
    """Comments, sounds in brackets and texts of one or two words are left out."""
    listing = "; Sounds\n\nvm-a: Merci.\nbeep: [tone]\nconf-b: “Cette conférence est pleine.”\n"
    assert transcripts(listing) == {"conf-b": "Cette conférence est pleine."}


# --- turns ------------------------------------------------------------------------------------


def test_a_clip_ends_where_its_last_word_does() -> None:
    """Lead, two parts of a second with a pause of 0.6 s, tail; slow speech takes longer."""
    part = to_int16(tone(300))
    plan = Plan("clauses", ("Un,", "deux."), 0.6)
    clip = on_a_line(plan, [part, part], CONDITIONS["telephone"])
    assert clip.ends_s == pytest.approx(LEAD_S + 2.6)
    assert clip.samples.size / TELEPHONE_RATE_HZ == pytest.approx(clip.ends_s + TAIL_S)
    slow = on_a_line(replace(plan, speed=0.8), [part, part], CONDITIONS["telephone"])
    assert slow.ends_s == pytest.approx(LEAD_S + 2 * 1.25 + 0.6)


def test_every_kind_is_planned_with_every_pause() -> None:
    """Twenty texts with each pause, eight said slowly, sixteen complete."""
    made = plans((0.3, 0.9))
    assert len(made) == 2 * 20 + 8 + 16
    assert {plan.pause_s for plan in made if plan.kind == "number"} == {0.3, 0.9}


def heard(begun_s: tuple[float, ...], ended_s: tuple[float, ...]) -> Heard:
    """A clip whose last word ends at 4 s."""
    clip = Clip(Plan("clauses", ("Un,", "deux."), 1.0), np.zeros(0, np.int16), 4.0)
    return Heard(clip, begun_s, ended_s, tuple(50.0 for _ in ended_s))


def test_a_turn_is_cut_when_it_ends_before_the_last_word() -> None:
    """Talked over only if the caller goes on later than the agent would have begun."""
    whole = heard((0.7,), (4.3,))
    assert not whole.was_cut
    assert whole.waited_s == pytest.approx(0.35)
    joined = heard((0.7, 2.5), (2.0, 4.3))
    assert joined.was_cut
    assert not joined.talked_over
    assert heard((0.7, 2.0 + REPLY_S + 0.1), (2.0, 4.3)).talked_over
    by_silence = replace(joined, thinking_ms=(0.0, 50.0))
    assert by_silence.talked_over
    assert heard((0.7,), ()).waited_s is None


def channels() -> tuple[Samples, Samples]:
    """Two seconds at 8 kHz: the caller speaks from 1.0 s on, the agent until 1.24 s and at 1.8."""
    caller, agent = (np.zeros(2 * TELEPHONE_RATE_HZ, np.int16) for _ in range(2))
    caller[8000:12000] = 3000
    agent[:9920] = 3000
    agent[14400:] = 3000
    return caller, agent


def test_the_agent_stops_so_long_after_it_was_talked_over() -> None:
    """240 ms from the caller's first voiced sample to the agent's last, then 560 ms of silence."""
    outcome = Outcome("words", starts=7200, ends=12800, cleared=9920)
    measure(outcome, *channels())
    assert outcome.stopped_ms == 240.0
    assert outcome.silent_s == pytest.approx(0.56)


def test_an_agent_that_was_silent_already_has_not_stopped() -> None:
    """Between two sentences there is nothing to time; nor where nothing was dropped."""
    caller, agent = channels()
    agent[7000:9920] = 0
    silent = Outcome("words", starts=7200, ends=12800, cleared=9920)
    measure(silent, caller, agent)
    assert silent.stopped_ms is None
    going_on = Outcome("oui", starts=7200, ends=12800)
    measure(going_on, *channels())
    assert going_on.stopped_ms is None
    assert not going_on.taken_up


async def test_work_is_done_a_few_at_a_time_and_in_order() -> None:
    """Never more than two under way; the results stand in the order of the items."""
    under_way, most = 0, 0

    async def work(item: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01 if item % 2 else 0.0)
        under_way -= 1
        return item * item

    assert await each(range(6), work, 2) == [0, 1, 4, 9, 16, 25]
    assert most == 2


def test_a_sentence_is_cut_where_it_is_quiet() -> None:
    """Between two tones with a gap off the expected place, both without the silence around them."""
    first, second = to_int16(tone(300)), to_int16(tone(500, 0.5))
    gap = np.zeros(3200, np.int16)
    parts = cut(np.concatenate([first, gap, second]), [16000, 10000])
    assert [part.size for part in parts] == [16000, 8000]
