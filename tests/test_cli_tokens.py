"""The commands about tokens, in a real process."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from agent.opening import open_database
from agent.settings import load_settings
from agent.store.api_tokens import ApiTokenStore
from tests.test_cli_clients import Permanence, home, permanence  # noqa: F401  # fixtures


def test_a_token_is_made_listed_and_revoked(permanence: Permanence) -> None:  # noqa: F811
    """Its secret is printed once."""
    made = permanence("token", "add", "essai", "Notre CRM", "--scope", "tickets:read")
    assert made.code == 0, made.err
    [secret] = re.findall(r"^Token, shown this once: (prm_\w+)$", made.out, re.MULTILINE)
    database = open_database(load_settings())
    try:
        tokens = ApiTokenStore(database)
        found = tokens.holder(secret, datetime.now(UTC))
        assert found is not None and found[0].created_by is None
        listed = permanence("token", "list", "essai").out
        assert listed.startswith(f"{secret[:8]}…\tNotre CRM\ttickets:read\tuntil 20")
        assert secret not in listed
        assert permanence("token", "revoke", "essai", secret[:8]).code == 0
        assert tokens.holder(secret, datetime.now(UTC)) is None
    finally:
        database.close()
    refused = permanence("token", "add", "essai", "CRM", "--scope", "tout")
    assert refused.code == 1 and "A scope cannot be 'tout'" in refused.err
    refused = permanence("token", "revoke", "essai", "prm_zzzz")
    assert refused.code == 1 and "essai has no tokens that begin with 'prm_zzzz'" in refused.err
