"""The telephone exchange: Asterisk, its configuration, its media socket and its commands."""
