"""What `repeat` runs instead of step by step: outputs of many steps at once, products carried instead of matrices."""
