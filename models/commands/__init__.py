"""The commands of ``minigraph`` that train and use nets, one module each; minigraph.command_line lists them."""
