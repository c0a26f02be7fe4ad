"""Mathematics over arrays: paths, transport, timetables. Knows no county, reads no file, prints nothing."""
