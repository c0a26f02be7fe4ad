"""Plans: demand, stock and vehicles into trips with times, and the checker that trusts none of them."""
