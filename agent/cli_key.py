"""The commands about the keys with which recordings and uploads are sealed."""

from __future__ import annotations

import typer

from agent.errors import PermanenceError
from agent.settings import load_settings

key_app = typer.Typer(no_args_is_help=True, help="Keys that seal recordings and uploads.")


@key_app.command("new")
def new() -> None:
    """Print a new key for PERMANENCE_DATA_KEY; keep it where no backup of the data stands."""
    from agent.sealing.keys import new_key

    print(new_key())


@key_app.command("rotate")
def rotate() -> None:
    """Seal everything with the first key of PERMANENCE_DATA_KEY; then drop the older ones there.

    May run while calls go on.
    """
    from rich.console import Console
    from rich.progress import track

    from agent.opening import open_database
    from agent.sealing.vault import Vault, seal_files, sealed_files
    from agent.store.audit import AuditStore
    from agent.store.second_factor import SecondFactorStore

    settings = load_settings()
    vault = Vault(settings.data_keys)
    if not vault.seals:
        raise PermanenceError(
            "PERMANENCE_DATA_KEY is empty: put there what `permanence key new` prints."
        )
    files = sealed_files(settings.data_dir)
    ledger_key = settings.erasures_file.with_suffix(".key")
    files += [ledger_key] if ledger_key.exists() else []
    shown = track(files, "Sealing", console=Console(stderr=True))
    sealed = sum(seal_files(vault, [file]) for file in shown)
    left = [file for file in files if file.exists() and not vault.is_current(file)]
    database = open_database(settings)
    try:
        factors, unread = SecondFactorStore(database, vault).seal_keys()
        AuditStore(database).note(
            "key.rotated", who="command line", files=sealed, second_factors=factors
        )
    finally:
        database.close()
    print(f"{sealed} files sealed, {len(files) - sealed} were already.")
    if unread:
        raise PermanenceError(
            f"The second factors of {unread} users are sealed with a key that is not here: keep"
            " the older keys."
        )
    if left:
        raise PermanenceError(
            f"{len(left)} files could not be sealed, {left[0].name} among them: keep the older"
            " keys, and see the log."
        )
