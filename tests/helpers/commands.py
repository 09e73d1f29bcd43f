"""Commands as a shell gives them, without their pictures."""

from minigraph.command_line.main import main


def run(*words):
    """The exit status of the command."""
    try:
        return main([str(word) for word in words])
    except SystemExit as exit:
        return exit.code
