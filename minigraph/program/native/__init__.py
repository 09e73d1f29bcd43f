"""Programs run by an interpreter in C: instructions as rows of numbers, many steps in one call."""
