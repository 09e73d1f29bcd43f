"""The commands of ``minigraph`` that train and use nets; `COMMANDS` in minigraph.command_line.commands has their places."""
