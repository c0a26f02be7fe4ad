"""Roads: from map files to a network, and the driving times of each vehicle class by the hour."""
