"""What every view shares: which steps there are, what they are called, how numbers are written, and how sure one is."""
