"""Qinshui County: names, codes and public sites are facts; the rest is synthetic and says so in every row."""
