"""Facts of the sky: aircraft, their weather, light, ways and loads; what sorties are worth."""
