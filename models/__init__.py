"""Logistic regression and deep nets, built on minigraph's public names."""
