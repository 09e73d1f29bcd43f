"""What every view shares: names, and how sure a number is."""
