"""How operations become instructions: a file for each family, a record for each operation."""
