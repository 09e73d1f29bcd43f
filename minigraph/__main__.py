"""``python -m minigraph`` is the command ``minigraph``."""

import runpy

runpy.run_module("minigraph.models.command_line", run_name="__main__")
