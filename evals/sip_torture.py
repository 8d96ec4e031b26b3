"""Fifty malformed SIP messages, in the spirit of RFC 4475, and dial strings that want more.

All are our own. Of each message only the sender's port and the exchange's differ from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass

SDP = (
    b"v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)
MOST_BYTES = 60_000
"""Of one UDP message."""

DIAL_STRINGS = (
    # what a dialplan might dial if it pasted what it is given
    "500&PJSIP/x", "0199001234&PJSIP/101", "PJSIP/101", "Local/101@permanence", "101@permanence",
    "+33199001234,1)", "+33199001234,1", "+33199001234)&Dial(PJSIP/101", "0199001234|101",
    "0199001234/101", "0199001234^101", "0199001234!", "0199001234;x=1&PJSIP/101", "0199001234#",
    "$%7BSHELL(id)%7D", "$%7BCHANNEL(name)%7D", "$%7BGLOBAL(PERMANENCE_BEAT)%7D",
    # places of the dialplan that are not numbers
    "h", "s", "t", "i", "o", "a", "T", "e", "call", "watch", "wait", "leg", "gone", "fallback",
    "operator", "outside", "screen", "_X.", "_[+0-9].", "_.",
    # numbers that cost, of this country and others, and the exchange's own telephones
    "+33899001234", "0899001234", "0033899001234", "+33639981234", "0639981234", "+88213000000",
    "0088213000000", "+19005550123", "+4490912345", "3246", "118218", "112", "15", "17", "18",
    "101", "102", "100", "1", "9011442012345678", "011442012345678", "*31*0899001234", "**21*1#",
    # the same, written otherwise
    "%31%30%31", "%2B33899001234", "0899%30%30%31234", "101%00", "101%0d%0aX: y", "1%2501",
    "0199001234%26PJSIP%2F101", "%00", "..%2F..%2Fetc%2Fpasswd", "0" * 300, "A" * 3000,
)  # fmt: skip
"""None of these is a client's number."""

FORWARDED_BY = ("101", "h", "+33899001234", "500&PJSIP/x", "+33199001234,1)&PJSIP/101", "call")
"""Who is said to have forwarded a call to a number that is nobody's."""

CALLERS = (
    "$%7BSHELL(touch%20x)%7D", "0639981234,1)&PJSIP/101", "..%2F..%2Fx", "%22%0aX", "a" * 900,
    "0639981234%0a%0aexten%20=>%20x", "'%3B%20DROP%20TABLE%20calls",
)  # fmt: skip
"""Who is said to ring a client's number: these calls may be taken, and nothing may come of it."""


@dataclass(frozen=True)
class Talk:
    """What one message needs to know.

    Attributes:
        host: Address of the sender.
        port: The sender's UDP port.
        exchange: The exchange's, at 127.0.0.1.
        mark: Makes dialogs and transactions of their own.
    """

    host: str
    port: int
    exchange: int
    mark: str


def message(
    talk: Talk,
    user: str | bytes = "0199001234",
    *,
    method: bytes = b"INVITE",
    body: bytes = SDP,
    drop: tuple[bytes, ...] = (),
    extra: bytes = b"",
    start: bytes | None = None,
    **changed: bytes,
) -> bytes:
    """A message that is well formed but for what is asked for.

    Args:
        user: That is called.
        drop: Headers that are left out.
        extra: Header lines, each with its end.
        start: The first line.
        changed: Other values of headers; `_` stands for `-`.
    """
    name = user.encode() if isinstance(user, str) else user
    mark, host = talk.mark.encode(), talk.host.encode()
    here, there = b"%s:%d" % (host, talk.port), b"127.0.0.1:%d" % talk.exchange
    uri = b"sip:%s@%s" % (name, there)
    headers = {
        b"Via": b"SIP/2.0/UDP %s;rport;branch=z9hG4bK%s" % (here, mark),
        b"From": b"<sip:0639981234@%s>;tag=%s" % (here, mark),
        b"To": b"<%s>" % uri,
        b"Call-ID": b"%s@%s" % (mark, host),
        b"CSeq": b"1 %s" % method,
        b"Contact": b"<sip:x@%s>" % here,
        b"Max-Forwards": b"70",
        b"Content-Type": b"application/sdp",
        b"Content-Length": b"%d" % len(body),
    }
    headers |= {key.replace("_", "-").encode(): value for key, value in changed.items()}
    first = start if start is not None else b"%s %s SIP/2.0" % (method, uri)
    lines = [b"%s: %s\r\n" % (key, value) for key, value in headers.items() if key not in drop]
    return (first + b"\r\n" + b"".join(lines) + extra + b"\r\n" + body)[:MOST_BYTES]


def malformed(talk: Talk) -> dict[str, bytes]:
    """The fifty, by what is wrong with each."""

    def of(mark: str) -> Talk:
        return Talk(talk.host, talk.port, talk.exchange, f"{talk.mark}{mark}")

    here = b"%s:%d" % (talk.host.encode(), talk.port)
    whole = message(of("cut"))
    vias = b"".join(b"Via: SIP/2.0/UDP 192.0.2.%d:5060;branch=z9hG4bKv%d\r\n" % (n, n)
                    for n in range(100))  # fmt: skip
    deep = b"--x\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n" * 400
    made = {
        # the first line
        "no first line": message(of("a1"), start=b""),
        "no version": message(of("a2"), start=b"INVITE sip:0199001234@127.0.0.1"),
        "unknown version": message(of("a3"), start=b"INVITE sip:0199001234@127.0.0.1 SIP/7.0"),
        "huge version": message(of("a4"), start=b"INVITE sip:1@127.0.0.1 SIP/" + b"9" * 5000),
        "no uri": message(of("a5"), start=b"INVITE  SIP/2.0"),
        "spaces within the uri": message(of("a6"), start=b"INVITE sip:0199 001234@x SIP/2.0"),
        "uri in brackets": message(of("a7"), start=b"INVITE <sip:0199001234@127.0.0.1> SIP/2.0"),
        "unknown scheme": message(of("a8"), start=b"INVITE nobody:0199001234 SIP/2.0"),
        "uri of 50 kB": message(of("a9"), "9" * 50_000),
        "bad escapes in the uri": message(of("a10"), "01%9%zz%%%001234"),
        "unknown method": message(of("a11"), method=b"RING!~*'"),
        "method of 8 kB": message(of("a12"), method=b"X" * 8000),
        "answer to nothing": message(of("a13"), start=b"SIP/2.0 200 OK"),
        "answer with an absurd code": message(of("a14"), start=b"SIP/2.0 4294967301 OK"),
        "answer with a negative code": message(of("a15"), start=b"SIP/2.0 -1 OK"),
        # lengths
        "length too great": message(of("b1"), Content_Length=b"9999"),
        "length too small": message(of("b2"), Content_Length=b"3"),
        "length negative": message(of("b3"), Content_Length=b"-999"),
        "length beyond 64 bits": message(of("b4"), Content_Length=b"99999999999999999999999"),
        "length no number": message(of("b5"), Content_Length=b"many"),
        "two lengths": message(of("b6"), extra=b"Content-Length: 1\r\nl: 70000\r\n"),
        "cut within a header": whole[: whole.index(b"CSeq") + 3],
        "cut within the body": whole[:-20],
        # headers
        "no Via": message(of("c1"), drop=(b"Via",)),
        "no From, no To": message(of("c2"), drop=(b"From", b"To")),
        "no Call-ID": message(of("c3"), drop=(b"Call-ID",)),
        "no header at all": b"INVITE sip:0199001234@127.0.0.1 SIP/2.0\r\n\r\n",
        "100 Via": message(of("c5"), extra=vias),
        "2000 headers": message(of("c6"), extra=b"X: y\r\n" * 2000),
        "header of 50 kB": message(of("c7"), extra=b"Subject: " + b"a" * 50_000 + b"\r\n"),
        "CSeq negative": message(of("c8"), CSeq=b"-1 INVITE"),
        "CSeq beyond 32 bits": message(of("c9"), CSeq=b"36893488147419103232 INVITE"),
        "CSeq of another method": message(of("c10"), CSeq=b"1 BYE"),
        "Max-Forwards negative": message(of("c11"), Max_Forwards=b"-5"),
        "Max-Forwards none": message(of("c12"), Max_Forwards=b"0"),
        "quotes that do not end": message(of("c13"), From=b'"x <sip:a@%s>;tag=q' % here),
        "NULs in headers": message(of("c14"), From=b"<sip:a\0b@%s>;tag=\0\0" % here),
        "NULs all over": message(of("c15")).replace(b"\r\n", b"\0\r\n"),
        "not UTF-8": message(of("c16"), From=b'"\xff\xfe\xc0\x80" <sip:\xe9@%s>;tag=u' % here),
        "folded without end": message(of("c17"), extra=b"Subject: a\r\n" + b" b\r\n" * 3000),
        "Contact: *": message(of("c18"), Contact=b"*"),
        "Route back to here": message(
            of("c19"), extra=b"Route: <sip:127.0.0.1:%d;lr>\r\n" % talk.exchange * 30
        ),
        "Via to a name without end": message(
            of("c20"), Via=b"SIP/2.0/UDP " + b"a." * 2000 + b";branch=z9hG4bKn"
        ),
        "Authorization of rubbish": message(
            of("c21"), extra=b'Authorization: Digest username="101",nonce=",,,=\r\n'
        ),
        # bodies
        "SDP of nothing": message(of("d1"), body=b""),
        "SDP of rubbish": message(of("d2"), body=bytes(range(256)) * 8),
        "SDP with absurd ports": message(
            of("d3"), body=SDP.replace(b"40000", b"-1") + b"m=audio 99999999999/9999 RTP/AVP 8\r\n"
        ),
        "SDP with 3000 media": message(of("d4"), body=SDP + b"m=audio 4 RTP/AVP 8\r\n" * 2500),
        "bodies within bodies": message(
            of("d5"), body=deep, Content_Type=b"multipart/mixed;boundary=x"
        ),
        "only line ends, then NULs": b"\r\n" * 200 + b"\0" * 2000,
    }  # fmt: skip
    assert len(made) == 50, len(made)
    return made


def following(answer: bytes, method: bytes, talk: Talk) -> bytes:
    """ACK or BYE after an answer to INVITE.

    Args:
        answer: Whole.
        talk: Whose sender follows it.
    """
    found: dict[bytes, bytes] = {}
    for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        found.setdefault(key.strip().lower(), value.strip())
    count = found.get(b"cseq", b"1").split()[0]
    taken = answer.startswith(b"SIP/2.0 2")
    target = found.get(b"contact", b"").partition(b"<")[2].partition(b">")[0]
    target = target or b"sip:127.0.0.1:%d" % talk.exchange
    via = found.get(b"via", b"")
    if taken:  # a transaction of its own; of a refusal the ACK belongs to the INVITE's
        via = b"SIP/2.0/UDP %s:%d;rport;branch=z9hG4bK%s%s" % (
            talk.host.encode(), talk.port, talk.mark.encode(), method,
        )  # fmt: skip
    number = count if method == b"ACK" else b"%d" % (int(count) + 1)
    return b"\r\n".join([
        b"%s %s SIP/2.0" % (method, target), b"Via: " + via,
        b"From: " + found.get(b"from", b""), b"To: " + found.get(b"to", b""),
        b"Call-ID: " + found.get(b"call-id", b""), b"CSeq: %s %s" % (number, method),
        b"Max-Forwards: 70", b"Content-Length: 0", b"", b"",
    ])  # fmt: skip
