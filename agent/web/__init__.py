"""The web side: the media socket's door, the browser telephone, health."""
