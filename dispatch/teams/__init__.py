"""Teams as planner, checker and simulation take them: whom a scenario can call, and the roads that they open."""
