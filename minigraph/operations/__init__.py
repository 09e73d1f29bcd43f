"""The operations, one small file per family; `op` says what an operation is."""
