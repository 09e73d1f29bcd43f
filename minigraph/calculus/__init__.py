"""The chain rule: backward, forward, the ledger of a pass, and simplification."""
