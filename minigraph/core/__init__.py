"""The graph: nodes, values that are pulled, errors, and local derivatives as linear maps."""
