"""`permanence eval hearing | turns | captures | which | dialogues | …`: the call, measured."""

from __future__ import annotations

from typing import Annotated

import typer

from evals.telling import HtmlOption, tell

calls = typer.Typer()
ShowOption = Annotated[bool, typer.Option("--show", help="Print what went wrong.")]
VoiceOption = Annotated[
    bool, typer.Option("--voice", help="Also spoken, through the telephone and the recogniser.")
]


@calls.command("hearing")
def eval_hearing(
    questions: Annotated[int, typer.Option(help="Questions of the test split.")] = 40,
    condition: Annotated[
        list[str] | None, typer.Option(help="A line by name; repeat it. None: twelve.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="Minutes of sound without speech.")] = 10.0,
    prompts: Annotated[int, typer.Option(help="Recordings of a real speaker, at most.")] = 200,
    html: HtmlOption = None,
) -> None:
    """How well callers are understood, on clean lines and on bad ones."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import hearing
    from evals.line import CONDITIONS

    unknown = [name for name in condition or () if name not in CONDITIONS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(CONDITIONS)}")
    found = hearing.run(
        load_settings(), questions=questions, conditions=condition or (), prompts=prompts,
        minutes=minutes,
    )  # fmt: skip
    tell("Hearing", found.sections(), found.drawings() if html is not None else [], html)


@calls.command("turns")
def eval_turns(
    words: Annotated[int, typer.Option(help="How often the agent is talked over.")] = 8,
    murmurs: Annotated[
        int, typer.Option(help="How often it hears each thing that should not stop it.")
    ] = 2,
    echoes: Annotated[
        int,
        typer.Option(help="How often its own voice comes back, with words over it and without."),
    ] = 2,
    curve: Annotated[bool, typer.Option(help="Try other waits and other lines too.")] = True,
    paced: Annotated[
        bool, typer.Option("--paced", help="Play at the pace of the ear, as a check.")
    ] = False,
    html: HtmlOption = None,
) -> None:
    """When a turn is held to be over, and how soon the agent stops when talked over."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import turns

    found = turns.run(
        load_settings(), words=words, murmurs=murmurs, echoes=echoes, curve=curve, paced=paced
    )
    tell("Turns", found.sections(), found.drawings() if html is not None else [], html)


@calls.command("dangers")
def eval_dangers(
    voice: VoiceOption = False,
    show: ShowOption = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="The later set, on which nothing was mended.")
    ] = False,
) -> None:
    """Whether dangers are recognised, and ordinary phrases are not taken for one."""
    from agent.models import path as model_path
    from agent.settings import load_settings
    from evals import dangers
    from knowledge.danger_sense import DangerSense
    from knowledge.embeddings import load_embedder

    settings = load_settings()
    folder = model_path(settings, settings.embedding)
    sense = DangerSense(load_embedder(settings.embedding, folder)).heard
    told = dangers.phrases(fresh=fresh)
    sections = [("as text", dangers.report("as text", told, sense, show=show))]
    if voice:
        said = dangers.through_telephone(settings, told)
        sections.append(("spoken", dangers.report("spoken", said, sense, show=show)))
    tell("Dangers", sections, [], None)


@calls.command("captures")
def eval_captures(voice: VoiceOption = False, show: ShowOption = False) -> None:
    """Numbers, references, addresses, dates and names that callers dictate, with the read-back."""
    from agent.settings import load_settings
    from evals import captures

    cases = captures.read_cases()
    hears: dict[str, captures.Hear] = {"as text": captures.as_text}
    if voice:
        hears["spoken"] = captures.through_telephone(load_settings(), cases)
    sections = []
    for title, hear in hears.items():
        outcomes, listed = captures.play_all(cases, hear)
        lines = (captures.report(title, outcomes, show=show),
                 captures.report_listed(title, listed, show=show))  # fmt: skip
        sections.append((title, "\n".join(lines)))
    tell("Captures", sections, [], None)


@calls.command("which")
def eval_which(show: ShowOption = False) -> None:
    """Whether callers who are asked which appliance it is are understood, by words and by sound."""
    from agent.settings import load_settings
    from evals import which

    tell("Which appliance", [("spoken", which.report(which.run(load_settings()), show=show))], [],
         None)  # fmt: skip


@calls.command("dialogues")
def eval_dialogues(
    voice: Annotated[
        bool, typer.Option("--voice", help="Also by a speaking caller, over the real audio path.")
    ] = False,
    only: Annotated[str, typer.Option(help="Only scripts whose name or theme holds this.")] = "",
    every: Annotated[int, typer.Option(min=1, help="One in so many of them.")] = 1,
    show: ShowOption = False,
    html: HtmlOption = None,
) -> None:
    """Scripted conversations with the demo client: how many come to their right end."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import dialogues

    settings = load_settings()
    scripts = dialogues.chosen(only)[::every]
    sections = [("as text", dialogues.as_text(settings, scripts, show=show))]
    if voice:
        from evals import spoken_dialogues

        sections.append(("spoken", spoken_dialogues.spoken(settings, scripts, show=show)))
    tell("Dialogues", sections, [], html)


@calls.command("teach-danger")
def eval_teach_danger(
    write: Annotated[bool, typer.Option("--write", help="Keep what was learned.")] = False,
) -> None:
    """Teach what tells a danger by its meaning (about six minutes)."""
    from agent.settings import load_settings
    from evals import teach_danger

    typer.echo(teach_danger.teach(load_settings(), write=write))


@calls.command("teach-hearing")
def eval_teach_hearing(
    clips: Annotated[int, typer.Option(help="Lines that are spoken, once.")] = 2_600,
    epochs: Annotated[int, typer.Option(help="How often each is heard.")] = 3,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1e-3,
    further: Annotated[
        bool, typer.Option("--further", help="Begin with the adapter that is in place.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the result in its place.")] = False,
) -> None:
    """Teach the recogniser French callers, their numbers and their codes (an hour and more)."""
    from agent.settings import load_settings
    from evals import teach_hearing

    teach_hearing.run(
        load_settings(), clips=clips, epochs=epochs, further=further, write=write, rate=rate
    )


@calls.command("read-aloud")
def eval_read_aloud(
    sentences: Annotated[int, typer.Option(help="How many are spoken and heard.")] = 1_000,
    html: HtmlOption = None,
) -> None:
    """Whether what manuals say is said whole, and understood."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import read_aloud

    tell("Read aloud", read_aloud.run(load_settings(), sentences).sections(), [], html)


@calls.command("calls")
def eval_calls(
    turns: Annotated[int, typer.Option(help="How many; one takes some eight seconds.")] = 200,
    pauses: Annotated[
        int, typer.Option(help="Turns with a pause in the middle, to see who speaks into it.")
    ] = 0,
    html: HtmlOption = None,
) -> None:
    """How soon the agent answers: from the caller's last sound to the agent's first."""
    from agent.log import hush_pipecat

    hush_pipecat()
    from agent.settings import load_settings
    from evals import calls as measured

    settings = load_settings()
    found = measured.run(settings, turns)
    sections = found.sections()
    if pauses:
        from evals import pauses as with_pauses

        sections += with_pauses.run(settings, pauses).sections()
    tell("Calls", sections, found.drawings() if html is not None else [], html)
