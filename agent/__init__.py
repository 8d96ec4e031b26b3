"""The telephone side of permanence: calls, carriers, handing over, record and web."""
