"""The web side: doors of calls (media socket, browser telephone, headsets), sign-in, public hours,
the operators' console, health."""
