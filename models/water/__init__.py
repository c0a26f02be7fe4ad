"""Water over arrays: rain to runoff, hydrographs, rating curves, breaches, routing, and two-dimensional flow."""
