"""The second factor: RFC 6238's own vectors, codes used twice, codes on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import text

from agent.sealing.keys import Key
from agent.sealing.stream import SealedError
from agent.sealing.vault import Vault
from agent.store.database import Database
from agent.store.second_factor import CodeRefusedError, SecondFactorStore
from agent.store.users import User, UserStore

NOW = datetime(2026, 11, 27, 12, 0, 10, tzinfo=UTC)
SHOWN = timedelta(seconds=30)

OLD, NEW = Key(b"o" * 32), Key(b"n" * 32)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database at head."""
    made = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def user(database: Database) -> User:
    """An admin."""
    return UserStore(database).add("a@example.org", "A", "admin", "lave-linge à hublot")


@pytest.fixture
def factors(database: Database) -> SecondFactorStore:
    """The second factors of that database."""
    return SecondFactorStore(database)


def turn_on(factors: SecondFactorStore, user: User) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """Enrol a user at `NOW`, with the code before: the app that shows codes, and those on paper."""
    app = pyotp.TOTP(factors.begin(user.id, user.email, NOW).key)
    return app, factors.confirm(user.id, app.at(NOW - SHOWN), NOW)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(
    database: Database, factors: SecondFactorStore, user: User, seconds: int, code: str
) -> None:
    """RFC 6238, appendix B, SHA-1: the last six of its eight digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    factors.begin(user.id, user.email, at)
    with database.transaction() as session:
        session.execute(text("UPDATE second_factors SET key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'"))
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    with pytest.raises(CodeRefusedError):
        factors.confirm(user.id, wrong, at)
    assert len(factors.confirm(user.id, code, at)) == 10


def test_it_counts_once_a_code_was_given(factors: SecondFactorStore, user: User) -> None:
    """Until then nobody is asked; the key stays the same if the page is loaded again."""
    first = factors.begin(user.id, user.email, NOW)
    assert first == factors.begin(user.id, user.email, NOW)
    assert (len(first.key), first.uri) == (
        32, f"otpauth://totp/permanence:a%40example.org?secret={first.key}&issuer=permanence",
    )  # fmt: skip
    assert not factors.is_on(user.id)
    assert factors.check(user.id, pyotp.TOTP(first.key).at(NOW), NOW) is None
    for code in ("", "000000", "12345", "١٢٣٤٥٦", "no code"):
        with pytest.raises(CodeRefusedError):
            factors.confirm(user.id, code, NOW)
    factors.confirm(user.id, f" {pyotp.TOTP(first.key).at(NOW)[:3]} "
                    f"{pyotp.TOTP(first.key).at(NOW)[3:]}", NOW)  # fmt: skip
    assert factors.is_on(user.id)
    assert factors.those_on() == {user.id}
    with pytest.raises(CodeRefusedError):
        factors.begin(user.id, user.email, NOW)


def test_keys_are_sealed_where_there_is_a_key(database: Database, user: User) -> None:
    """Who has the database alone makes no code; rotated they are still taken."""

    def kept() -> str:
        with database.reading() as session:
            return str(session.scalar(text("SELECT key FROM second_factors")))

    plain, old, new = Vault(), Vault([OLD]), Vault([NEW, OLD])
    app, paper = turn_on(SecondFactorStore(database, plain), user)
    assert kept() == app.secret
    assert SecondFactorStore(database, old).seal_keys() == (1, 0)
    assert kept().startswith("sealed:") and app.secret not in kept()
    before = kept()
    assert SecondFactorStore(database, old).seal_keys() == (0, 0)
    assert SecondFactorStore(database, old).check(user.id, app.at(NOW), NOW) == "code"
    assert SecondFactorStore(database, new).seal_keys() == (1, 0)
    assert kept() != before
    later = NOW + SHOWN
    rotated = SecondFactorStore(database, Vault([NEW]))
    assert rotated.check(user.id, app.at(later), later) == "code"
    lost = SecondFactorStore(database, old)  # the key that sealed it is gone
    assert lost.seal_keys() == (0, 1)
    last = later + SHOWN
    assert lost.check(user.id, app.at(last), last) is None
    assert lost.check(user.id, paper[0], last) == "recovery"


def test_a_key_is_sealed_for_one_user() -> None:
    """Put into another's row it opens nothing; nor does what is no sealed key at all."""
    vault = Vault([OLD])
    sealed = vault.seal_words("GEZDGNBVGY3TQOJQ", "u1")
    assert vault.open_words(sealed, "u1") == "GEZDGNBVGY3TQOJQ"
    for kept, name in ((sealed, "u2"), ("sealed:xyz", "u1"), (sealed[:-8], "u1")):
        with pytest.raises(SealedError):
            vault.open_words(kept, name)


def test_a_code_is_taken_once(factors: SecondFactorStore, user: User) -> None:
    """Neither it nor an older one again; half a minute off is allowed, a whole one is not."""
    app, _ = turn_on(factors, user)
    assert factors.check(user.id, app.at(NOW - SHOWN), NOW) is None  # confirmed with it
    assert factors.check(user.id, app.at(NOW + 2 * SHOWN), NOW) is None
    assert factors.check(user.id, app.at(NOW + SHOWN), NOW) == "code"
    assert factors.check(user.id, app.at(NOW + SHOWN), NOW) is None
    assert factors.check(user.id, app.at(NOW), NOW) is None
    later = NOW + timedelta(minutes=5)
    assert factors.check(user.id, app.at(later), later) == "code"
    assert factors.check("nobody", app.at(later), later) is None


def test_codes_on_paper_are_taken_once_each(
    database: Database, factors: SecondFactorStore, user: User
) -> None:
    """However they are typed; only digests are kept; new ones end those so far."""
    _, paper = turn_on(factors, user)
    assert len(set(paper)) == factors.recovery_left(user.id) == 10
    with database.reading() as session:
        kept = {row[0] for row in session.execute(text("SELECT digest FROM recovery_codes"))}
    assert not kept & set(paper)
    typed = f" {paper[0].upper().replace('-', ' ')}"
    assert [factors.check(user.id, typed, NOW) for _ in range(2)] == ["recovery", None]
    assert factors.recovery_left(user.id) == 9
    again = factors.new_recovery_codes(user.id)
    assert factors.check(user.id, paper[1], NOW) is None
    assert factors.check(user.id, again[1], NOW) == "recovery"


def test_turned_off_nothing_is_left(
    database: Database, factors: SecondFactorStore, user: User
) -> None:
    """Neither key nor codes; it may be turned on anew."""
    app, paper = turn_on(factors, user)
    assert factors.turn_off(user.id)
    assert not factors.turn_off(user.id)
    assert factors.check(user.id, paper[0], NOW) is None
    with database.reading() as session:
        for table in ("second_factors", "recovery_codes"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    with pytest.raises(CodeRefusedError):
        factors.new_recovery_codes(user.id)
    assert factors.begin(user.id, user.email, NOW).key != app.secret
