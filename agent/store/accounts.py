"""The stores of signing in and of who has access, together."""

from __future__ import annotations

from agent.sealing.vault import Vault
from agent.store.attempts import AttemptStore
from agent.store.database import Database
from agent.store.invitations import InvitationStore
from agent.store.people import PeopleStore
from agent.store.second_factor import SecondFactorStore
from agent.store.sign_in_steps import DeviceStore, SignInSteps


class Accounts:
    """Beside users and sessions, what accounts need."""

    def __init__(self, database: Database, vault: Vault | None = None) -> None:
        self.attempts = AttemptStore(database)
        self.devices = DeviceStore(database)
        self.factors = SecondFactorStore(database, vault)
        self.invitations = InvitationStore(database)
        self.people = PeopleStore(database)
        self.steps = SignInSteps(database)
