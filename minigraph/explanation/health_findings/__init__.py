"""What `health` finds, a file for each thing that can be wrong; `minigraph.explanation.health` asks them all."""
