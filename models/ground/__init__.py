"""Ground that shakes, slides or lies under snow: fragility, thresholds, grip and ploughing over arrays."""
