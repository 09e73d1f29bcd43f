"""The mistakes that `compare` knows, a file for each kind of place at which they are made; `search` puts them together."""
