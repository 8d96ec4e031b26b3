"""Carriers that stream calls over a WebSocket: Twilio, Telnyx, Plivo.

A call's way: the carrier posts a webhook (`webhook`, verified by `twilio`, `telnyx` or `plivo`), is
answered with a document (`documents`) that has it open a stream with a one-time pass (`passes`),
and its stream is the call's line (`stream`). What the carrier does for a call that it still holds,
hang up or pass it on, is asked for through its own API (`control`).
"""
