"""The command ``minigraph``: its parser, how commands speak and are stopped, and the commands of the engine."""
