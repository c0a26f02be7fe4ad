"""What needs both planning and P(T_all): comparisons, sensitivity, stocking targets."""
