"""What is stored: the database, the indexes, who may read the files, users, backups."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.install.finding import Finding, Site, fault, ok, warning
from agent.outbox import unsent_notice
from agent.sealing.vault import Vault, sealed_files
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.outbox import OutboxStore
from agent.store.people import PeopleStore
from agent.store.schema import HEAD
from knowledge.ingest import is_outdated
from knowledge.search_files import check_search_files
from knowledge.versions import current_version, read_meta

BACKUP_AGE = timedelta(hours=36)
"""A night's backup failed if the newest is older."""

OUTBOX_LIMIT = timedelta(minutes=15)
"""Longest that a message may be due without having been tried, as in `agent.web.health`."""


@contextmanager
def _opened(site: Site) -> Iterator[Database]:
    database = Database(site.settings.database)
    try:
        yield database
    finally:
        database.close()


def is_made(site: Site) -> bool:
    """Whether there is a database at this version, so that stores can be asked."""
    if not site.settings.database_url and not (site.settings.data_dir / "permanence.db").exists():
        return False
    with _opened(site) as database:
        return database.revision() == HEAD


def database(site: Site) -> Iterator[Finding]:
    """Whether it can be opened, is of this version, and is whole."""
    file = site.settings.data_dir / "permanence.db"
    if not site.settings.database_url and not file.exists():
        yield fault("database", f"There is none in {file.parent}: run permanence setup.")
        return
    with _opened(site) as opened:
        revision = opened.revision()
        if revision is None:
            yield fault("database", "It is empty: run permanence setup, or restore a backup.")
        elif revision > HEAD:
            yield fault(
                "database",
                f"It is of a newer version ({revision}, this one knows {HEAD}): install the"
                " version that last wrote it.",
            )
        elif revision < HEAD:
            yield warning(
                "database",
                f"It is of an earlier version ({revision}, now {HEAD}): make a backup, then"
                " restart the service, which brings it up to date.",
            )
        faults = opened.faults()
        if faults:
            yield fault("database", f"It is damaged ({faults[0]}): restore a backup.")
        elif revision == HEAD:
            opened.migrate()  # changes nothing; a probe wants to know the file
            opened.probe()
            yield ok("database", f"Whole, at revision {revision}, and can be written.")


def indexes(site: Site) -> Iterator[Finding]:
    """Each client's index: there, whole, made with the model in use."""
    if not is_made(site):
        return
    with _opened(site) as opened:
        clients = ClientStore(opened)
        listed = {client.slug: clients.manuals(client.slug) for client in clients.list()}
    well = 0
    for slug, manuals in listed.items():
        folder = site.settings.data_dir / "clients" / slug
        if why := _index_trouble(folder, site.settings.embedding, bool(manuals)):
            yield fault("manuals", f"The index of {slug} {why}: run permanence reindex {slug}.")
        else:
            well += 1
    if well == len(listed):
        empty = [slug for slug, manuals in listed.items() if not manuals]
        if empty:
            yield warning(
                "manuals",
                f"{', '.join(empty)}: no manual yet; permanence ingest {empty[0]} FILE…",
            )
        else:
            yield ok("manuals", f"The indexes of {len(listed)} clients can be read.")


def _index_trouble(folder: Path, model: str, wanted: bool) -> str:
    """What is wrong with an index, "" for nothing."""
    version = current_version(folder)
    if version is None:
        return "is gone" if wanted else ""
    try:
        read_meta(version)
        check_search_files(version)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"cannot be read ({error})"
    return "was made by an earlier version" if is_outdated(folder, model) else ""


def rights(site: Site) -> Iterator[Finding]:
    """Who may read the settings' file and the data; whose they are."""
    wrong = []
    environment, data = site.environment, site.settings.data_dir
    if environment is not None and environment.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield fault("rights", f"Others may read {environment}: run chmod 600 {environment}.")
        wrong.append(environment)
    if data.is_dir():
        if _reached_by_others(data):
            yield fault("rights", f"Others may enter {data}: run chmod o-rwx {data}.")
            wrong.append(data)
        if (owner := data.stat().st_uid) != os.geteuid():
            name = _user_name(owner)
            yield fault(
                "rights",
                f"{data} is {name}'s: run this, and the service, as {name} (as root:"
                " /usr/local/sbin/permanence doctor).",
            )
            wrong.append(data)
    if not wrong:
        yield ok("rights", "Settings and data are closed to others.")


def _reached_by_others(folder: Path) -> bool:
    """Whether any user of the machine may come as far as into a folder."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents))


def _user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def sealing(site: Site) -> Iterator[Finding]:
    """Whether recordings and uploads can be read by whoever has the files."""
    vault = Vault(site.settings.data_keys)
    files = sealed_files(site.settings.data_dir)
    if not vault.seals:
        yield warning(
            "sealing",
            "Recordings and manuals are kept readable: set PERMANENCE_DATA_KEY to what permanence"
            " key new prints, then run permanence key rotate.",
        )
    elif left := sum(not vault.is_current(file) for file in files):
        yield warning(
            "sealing",
            f"{left} files are not sealed with the newest key: run permanence key rotate.",
        )
    else:
        yield ok("sealing", f"{len(files)} files are sealed.")


def people(site: Site) -> Iterator[Finding]:
    """Whether there is an administrator, and whether a password alone lets one in."""
    if not is_made(site):
        return
    with _opened(site) as opened:
        everybody = PeopleStore(opened).everybody()
    admins = [one for one in everybody if one.user.role == "admin" and one.user.active]
    lacking = [one.user.email for one in admins if not one.second_factor]
    if not admins:
        yield warning(
            "people",
            "There is no administrator: run permanence user invite EMAIL --role admin.",
        )
    elif lacking:
        yield warning(
            "people",
            f"{', '.join(lacking)}: a password alone lets an administrator in; set up the second"
            " factor at /compte.",
        )
    else:
        yield ok("people", f"{len(admins)} administrators, each with a second factor.")


def outbox(site: Site) -> Iterator[Finding]:
    """Whether what is to be told of tickets leaves."""
    if not is_made(site):
        return
    with _opened(site) as opened:
        messages = OutboxStore(opened)
        kinds = ["webhook", *(["email"] if site.settings.smtp else [])]
        due_at = messages.next_due(kinds)
        notice = unsent_notice(site.settings, messages)
    if due_at is not None and site.now - due_at > OUTBOX_LIMIT:
        yield fault(
            "messages",
            f"One should have left at {due_at:%Y-%m-%d %H:%M} UTC: is the service running? See"
            " journalctl -u permanence.",
        )
    elif notice:
        yield warning("messages", notice)
    else:
        yield ok("messages", "None waits that could leave.")


def backups(site: Site) -> Iterator[Finding]:
    """The newest backup's age."""
    folder = site.backups
    if folder is None or not folder.is_dir():
        where = f"{folder} is not there" if folder else "No folder of backups is known"
        yield warning("backups", f"{where}: run permanence setup --server, which makes the timer.")
        return
    made = [entry.stat().st_mtime for entry in folder.iterdir() if not entry.name.startswith(".")]
    if not made:
        yield warning(
            "backups", f"There is none in {folder}: systemctl start permanence-nightly.service."
        )
        return
    age = max(site.now - datetime.fromtimestamp(max(made), UTC), timedelta(0))
    hours = age // timedelta(hours=1)
    if age > BACKUP_AGE:
        yield warning(
            "backups",
            f"The newest is {hours} hours old: see journalctl -u permanence-nightly.",
        )
    else:
        yield ok("backups", f"The newest is {hours} hours old.")
