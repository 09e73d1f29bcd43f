"""Kernels of Jupyter that execute pages, several at once: each listens on files of its own, not on ports.

A port is chosen before the kernel opens it, so that two processes may choose the same and one kernel dies at its start
(https://github.com/jupyter/jupyter_client/issues/154).
"""

import tempfile


def execute(notebook, **options):
    """`nbclient.execute`, with files for sockets where this system's ZeroMQ has them."""
    import nbclient
    import zmq
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="kernel") as folder:
        files = {"KernelManager": {"transport": "ipc", "ip": f"{folder}/socket"}} if zmq.has("ipc") else {}
        return nbclient.execute(notebook, config=Config(files), **options)


def use_files():
    """Let the pages of the docs be executed so: myst-nb hands no settings to its kernels."""
    from jupyter_cache.executors import utils

    utils.executenb = execute
