"""What the exchange's messages are dealt with by: the house's stores, recogniser and manuals."""

from __future__ import annotations

from agent.house import House
from agent.store.database import NotKeptError
from agent.telephony.asterisk.messages import MessageBox, MessageWork
from knowledge.errors import IndexMissingError


def message_box_of(house: House) -> MessageBox | None:
    """What looks for messages in the exchange's folder; None if no folder is set."""
    folder = house.settings.asterisk_messages
    if folder is None:
        return None

    def vocabulary(slug: str) -> tuple[str, ...]:
        try:
            return house.library.shelf(slug).vocabulary()
        except IndexMissingError:
            return ()

    def has_call(call_id: str) -> bool:
        try:
            return house.calls.load(call_id).outcome != "message"
        except NotKeptError:
            return False

    work = MessageWork(
        client_of=house.numbers.client_of,
        tickets=house.tickets,
        desk=house.services.desk,
        log=house.calls,
        has_call=has_call,
        transcriber=house.services.transcriber,
        vocabulary=vocabulary,
        sense=house.library.sense,
        data_dir=house.settings.data_dir,
        vault=house.vault,
    )
    return MessageBox(folder, work)
