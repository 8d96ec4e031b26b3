"""The command line: parses, builds, runs."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from agent.audio import TELEPHONE_RATE_HZ, read_wav, write_wav
from agent.cli_asterisk import asterisk_app
from agent.cli_clients import client_app, recordings_app
from agent.cli_gaps import gaps
from agent.cli_install import doctor, set_up_server
from agent.cli_key import key_app
from agent.cli_manuals import manuals_app
from agent.cli_models import models_app
from agent.cli_notify import notify
from agent.cli_numbers import number
from agent.cli_personal import backup, person_app, restore, retention_app
from agent.cli_tickets import tickets
from agent.cli_tokens import token_app
from agent.cli_users import user_app
from agent.errors import PermanenceError
from agent.log import hush_pipecat, set_up_logging
from agent.settings import Settings, load_settings
from knowledge.errors import KnowledgeError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Answers an after-sales line.")
app.add_typer(client_app, name="client")
app.add_typer(recordings_app, name="recordings")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
app.add_typer(key_app, name="key")
app.add_typer(person_app, name="person")
app.add_typer(retention_app, name="retention")
app.add_typer(models_app, name="models")
app.add_typer(asterisk_app, name="asterisk")
app.add_typer(manuals_app)
app.command()(tickets)
app.command()(doctor)
app.command()(gaps)
app.command()(backup)
app.command()(restore)
client_app.command()(notify)
client_app.command()(number)
for point in entry_points(group="permanence.commands"):  # measurements, where they are installed
    with suppress(ImportError):
        app.add_typer(point.load(), name=point.name)
console = Console(stderr=True)


def main() -> None:
    """Run a command; what a user can meet is printed as one sentence, with status 1."""
    hush_pipecat()
    try:
        app(standalone_mode=True)
    except (PermanenceError, KnowledgeError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True, highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def ask(
    slug: Annotated[str, typer.Argument(help="The client.")],
    question: Annotated[str, typer.Argument(help="A question; - reads one a line from stdin.")],
    appliance: Annotated[
        str, typer.Option(help="What the caller says when asked which appliance it is.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask a client's manuals, as a call does."""
    from agent.answers import answer_as_json, answer_as_text
    from agent.opening import open_database, open_library
    from agent.store.clients import ClientStore
    from knowledge.answer import Inquiry

    settings = load_settings()
    database = open_database(settings)
    try:
        ClientStore(database).get(slug)
    finally:
        database.close()
    library = open_library(settings)
    try:
        lines = (line.strip() for line in sys.stdin) if question == "-" else iter([question])
        for line in lines:
            if not line:
                continue
            answer = library.answer(slug, Inquiry(line, which=appliance))
            if as_json or question == "-":
                print(json.dumps(answer_as_json(answer), ensure_ascii=False), flush=True)
            else:
                print(answer_as_text(answer))
    finally:
        library.close()


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="What to say, as written French.")],
    out: Annotated[Path, typer.Argument(help="WAV file to write.")],
    rate: Annotated[int, typer.Option(min=8000, max=48000, help="Hz.")] = TELEPHONE_RATE_HZ,
) -> None:
    """Say a text, as callers hear it, into a WAV file."""
    import numpy as np

    from agent.opening import open_voice
    from voices.french import sentences

    voice = open_voice(load_settings())
    try:
        parts = [asyncio.run(voice.speak(s, rate)) for s in sentences(text)]
    finally:
        voice.close()
    if not parts or not any(part.size for part in parts):
        raise PermanenceError("There is nothing to say; give a text with words in it.")
    write_wav(out, rate, np.concatenate(parts))
    print(f"{out}: {sum(part.size for part in parts) / rate:.1f} s")


@app.command()
def hear(file: Annotated[Path, typer.Argument(help="WAV file, 16 bits.")]) -> None:
    """Print the words that are heard in a WAV file, through a telephone's band."""
    from agent.opening import open_transcriber

    samples = read_wav(file, TELEPHONE_RATE_HZ)
    transcriber = open_transcriber(load_settings())
    try:
        heard = asyncio.run(transcriber.transcribe(samples, TELEPHONE_RATE_HZ))
    finally:
        transcriber.close()
    print(heard.text)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address; default PERMANENCE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; default PERMANENCE_PORT.")] = None,
) -> None:
    """Answer calls."""
    from agent.web.server import serve_forever

    set_up_logging()
    serve_forever(_settings(host=host, port=port))


@app.command()
def call(
    files: Annotated[list[Path], typer.Argument(help="WAV files, one a turn of the caller.")],
    client: Annotated[str, typer.Option(help="The client to call.")],
    url: Annotated[str | None, typer.Option(help="Media socket; default: starts a server.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the call here.")] = None,
    record: Annotated[Path | None, typer.Option(help="Write both channels here (WAV).")] = None,
    caller: Annotated[str | None, typer.Option(help="Number to present; default: masked.")] = None,
    fast: Annotated[
        bool, typer.Option("--as-fast-as-possible", help="Do not wait for the ear.")
    ] = False,
) -> None:
    """Place a recorded call and print the conversation."""
    from agent.telephony.recorded_caller import RecordedCaller
    from agent.telephony.transcript import print_call
    from agent.web.server import running_server

    turns = [read_wav(file, TELEPHONE_RATE_HZ) for file in files]
    settings = load_settings()

    async def place(address: str) -> Any:
        return await RecordedCaller(address, client, turns, caller=caller, realtime=not fast).run()

    if url is not None:
        heard = asyncio.run(place(url))
    else:
        set_up_logging("WARNING")
        with running_server(settings.model_copy(update={"port": 0})) as server:
            heard = asyncio.run(place(f"{server.url.replace('http', 'ws', 1)}/media"))
    if record is not None:
        heard.write(record)
    result = heard.as_json()
    if as_json is not None:
        as_json.parent.mkdir(parents=True, exist_ok=True)
        as_json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print_call(result, Console())
    if record is not None:
        print(f"Recording (left: caller, right: agent): {record}")


def _settings(**given: Any) -> Settings:
    return load_settings(**{key: value for key, value in given.items() if value is not None})


@app.command()
def setup(
    server: Annotated[
        bool, typer.Option("--server", help="Ask about a real server and write its files.")
    ] = False,
    answers: Annotated[
        Path | None, typer.Option(help="The same without questions: TOML, see docs/INSTALL.md.")
    ] = None,
    root: Annotated[Path, typer.Option(help="Write the server's files under it.")] = Path("/"),
    offline: Annotated[
        bool, typer.Option("--offline", help="Try no name, port, mail server or database.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace files that are there; kept as .old.")
    ] = False,
) -> None:
    """Fetch the models and make the demo client; done in a moment when nothing is missing."""
    if server or answers is not None:
        set_up_server(answers, root, offline=offline, replace=replace)
        return
    from agent.demo import set_up

    set_up(load_settings(), lambda line: print(line, flush=True))


@app.command()
def demo(
    record: Annotated[Path | None, typer.Option(help="Write both channels here (WAV).")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write the call here.")] = None,
) -> None:
    """Play a recorded caller of three questions and print the conversation."""
    from agent.demo import CALLER, CLIENT, recorded_turns

    call(recorded_turns(), CLIENT, None, as_json, record, CALLER, False)
