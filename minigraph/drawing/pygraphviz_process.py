"""The child process that renders with pygraphviz: DOT on standard input, a picture on standard output.

pygraphviz runs Graphviz inside the process and holds the interpreter's lock, so that only another
process can stop it. Run as a script, with the arguments of ``dot``: ``python pygraphviz_process.py -Tsvg``.
"""

import sys

if __name__ == "__main__":
    import pygraphviz

    graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
    picture_format = "svg"
    for argument in sys.argv[1:]:
        if argument.startswith("-T"):
            picture_format = argument[2:]
        if argument.startswith("-G"):
            name, _, value = argument[2:].partition("=")
            graph.graph_attr[name] = value
    sys.stdout.buffer.write(graph.draw(format=picture_format, prog="dot"))
