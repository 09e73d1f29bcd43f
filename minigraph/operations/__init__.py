"""The operations, one small file a family; `op` says what an operation is."""
