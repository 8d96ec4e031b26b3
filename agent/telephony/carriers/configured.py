"""The carriers that an installation has set up."""

from __future__ import annotations

from collections.abc import Callable

from agent.errors import SettingsError
from agent.settings import Settings
from agent.telephony.carriers.carrier import Carrier, CarrierName
from agent.telephony.carriers.control import (
    CallControl,
    PlivoControl,
    TelnyxControl,
    TwilioControl,
)
from agent.telephony.carriers.plivo import Plivo
from agent.telephony.carriers.telnyx import Telnyx
from agent.telephony.carriers.twilio import Twilio

NEEDED: dict[CarrierName, str] = {
    "twilio": "PERMANENCE_TWILIO_AUTH_TOKEN",
    "telnyx": "PERMANENCE_TELNYX_PUBLIC_KEY",
    "plivo": "PERMANENCE_PLIVO_AUTH_TOKEN",
}
"""The setting by which a carrier's requests are verified."""


def carriers_of(settings: Settings) -> dict[str, Carrier]:
    """The carriers whose calls can be answered, by name.

    Raises:
        SettingsError: A key cannot be used.
    """
    made: list[Carrier] = []
    if not settings.public_url:
        return {}
    if token := settings.twilio_auth_token.get_secret_value():
        made.append(Twilio(token))
    if settings.telnyx_public_key:
        try:
            made.append(Telnyx(settings.telnyx_public_key))
        except ValueError as error:
            raise SettingsError(f"PERMANENCE_TELNYX_PUBLIC_KEY cannot be used: {error}.") from error
    if token := settings.plivo_auth_token.get_secret_value():
        made.append(Plivo(token))
    return {carrier.name: carrier for carrier in made}


def controls_of(
    settings: Settings, plivo_address: Callable[[str, str], str]
) -> dict[str, CallControl]:
    """The carriers of whose API something can be asked, by name.

    Args:
        settings: Of the installation.
        plivo_address: As `PlivoControl` takes it.
    """
    made: dict[str, CallControl] = {}
    allowed = settings.transfer_allowed
    token = settings.twilio_auth_token.get_secret_value()
    if token and settings.twilio_account_sid:
        made["twilio"] = TwilioControl(
            settings.twilio_api_url, settings.twilio_account_sid, token, Twilio.dialect, allowed
        )
    if key := settings.telnyx_api_key.get_secret_value():
        made["telnyx"] = TelnyxControl(settings.telnyx_api_url, key, allowed)
    token = settings.plivo_auth_token.get_secret_value()
    if token and settings.plivo_auth_id:
        made["plivo"] = PlivoControl(
            settings.plivo_api_url, settings.plivo_auth_id, token, allowed, plivo_address
        )
    return made
