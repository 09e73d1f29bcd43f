"""The machine of accelerators and of many machines: a graph as a pure function of JAX, and a program that JAX runs.

    library      JAX itself, which is loaded only here, and how many bits it computes with
    functional   a `Writer` whose places are values: what an operation writes is computed
    node_values  the values of nodes, with the graph's own derivatives
    function     `mg.to_jax`
"""
