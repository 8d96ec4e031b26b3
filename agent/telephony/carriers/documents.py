"""What a carrier is answered: TwiML, TeXML and Plivo XML, which differ in a few words only."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

LANGUAGE = "fr-FR"
"""In which the carrier's own voice speaks."""

DIAL_S = 40
"""How long a number is rung that a caller is passed on to, seconds: some eight rings."""

WEBSOCKET = "WEBSOCKET"


@dataclass(frozen=True)
class Dialect:
    """The words of a carrier's documents.

    Attributes:
        say: Element that speaks.
        stream: Attributes of the element that streams; where one is `WEBSOCKET`, the address stands
            there, else it is the element's text.
        connect: Whether streams stand within <Connect>, which waits for their end.
        reject: Element that refuses a call before it is answered, and its attributes.
        gather: Element that asks for one key, and its attributes; where none is pressed, what
            follows it is done.
        dial: Whether conferences stand within <Dial>.
        conference: Attributes of a conference of two that ends for both when one of them leaves.
    """

    say: str
    stream: tuple[tuple[str, str], ...]
    connect: bool
    reject: tuple[str, tuple[tuple[str, str], ...]]
    gather: tuple[str, tuple[tuple[str, str], ...]]
    dial: bool
    conference: tuple[tuple[str, str], ...]

    def streamed(self, media_url: str, after_url: str) -> str:
        """Stream the call there; once the stream has ended, ask what is to be done with it."""
        response = Element("Response")
        parent = SubElement(response, "Connect") if self.connect else response
        stream = SubElement(parent, "Stream")
        for name, value in self.stream:
            stream.set(name, media_url if value == WEBSOCKET else value)
        if media_url not in stream.attrib.values():
            stream.text = media_url
        SubElement(response, "Redirect", method="POST").text = after_url
        return _written(response)

    def said(self, sentence: str, number: str = "") -> str:
        """Say a sentence, pass the caller on to the number if there is one, and hang up."""
        response = Element("Response")
        SubElement(response, self.say, language=LANGUAGE).text = sentence
        if number:
            dial(response, number)
        SubElement(response, "Hangup")
        return _written(response)

    def asked(self, sentence: str, key_url: str) -> str:
        """Say a sentence and ask for a key: it is told there, also that none was pressed."""
        response = Element("Response")
        name, attributes = self.gather
        gather = SubElement(response, name, {"action": key_url, **dict(attributes)})
        SubElement(gather, self.say, language=LANGUAGE).text = sentence
        SubElement(response, "Redirect", method="POST").text = key_url
        return _written(response)

    def joined(self, room: str, after_url: str = "", sentence: str = "") -> str:
        """Say a sentence if there is one, then join whoever is in that conference.

        Args:
            room: Its name.
            after_url: Asked once the conference is over; "": the call is then ended.
        """
        response = Element("Response")
        if sentence:
            SubElement(response, self.say, language=LANGUAGE).text = sentence
        parent = SubElement(response, "Dial") if self.dial else response
        SubElement(parent, "Conference", dict(self.conference)).text = room
        if after_url:
            SubElement(response, "Redirect", method="POST").text = after_url
        else:
            SubElement(response, "Hangup")
        return _written(response)

    def dialled(self, number: str) -> str:
        """Pass the caller on to the number."""
        response = Element("Response")
        dial(response, number)
        return _written(response)

    def hung_up(self) -> str:
        """End the call."""
        response = Element("Response")
        SubElement(response, "Hangup")
        return _written(response)

    def rejected(self) -> str:
        """Refuse the call: nobody is called by that number."""
        response = Element("Response")
        name, attributes = self.reject
        SubElement(response, name, dict(attributes))
        return _written(response)


def dial(response: Element, number: str) -> None:
    """Pass the caller on to the number."""
    SubElement(SubElement(response, "Dial", timeout=str(DIAL_S)), "Number").text = number


def _written(response: Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")
