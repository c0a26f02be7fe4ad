"""County packs and scenarios: data, and short scripts a planner runs."""
