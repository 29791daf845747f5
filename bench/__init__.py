"""How fast the product is on this machine, as ratios to floors measured in the same run."""
