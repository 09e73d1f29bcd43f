"""``python -m minigraph`` is the command ``minigraph``."""

import runpy

if __name__ == "__main__":
    runpy.run_module("minigraph.models.command_line", run_name="__main__")
