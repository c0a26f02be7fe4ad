"""Evacuation below planning: people in the hazard's way, roads as they use them, shelters that take them."""
