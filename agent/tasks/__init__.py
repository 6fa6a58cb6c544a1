"""The jobs of the agent, one file each."""
