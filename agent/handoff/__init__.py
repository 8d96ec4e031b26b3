"""From the agent to a human: the brief, and the request that cannot be lost."""
