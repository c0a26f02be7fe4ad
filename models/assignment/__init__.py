"""Teams and tasks over arrays: schedules, whole assignments, stand-by, places taken beforehand, prizes collected."""
