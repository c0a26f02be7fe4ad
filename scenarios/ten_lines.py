"""Plan, check, simulate and report a scenario: ``python -m scenarios.ten_lines [SCENARIO] [FOLDER]``."""

import sys
from pathlib import Path

from dispatch import check, load_scenario, parts_of, plan_whole, save_results, simulate

if __name__ == "__main__":
    scenario = load_scenario(sys.argv[1] if len(sys.argv) > 1 else "qinshui/flash_flood")
    plan = plan_whole(scenario)
    violations = check(plan, scenario)
    nights = simulate(scenario, plan, replications=100, workers=2, hooks=parts_of(scenario))
    out = Path(sys.argv[2] if len(sys.argv) > 2 else "out/ten_lines")
    out.mkdir(parents=True, exist_ok=True)
    files, _ = save_results(scenario, plan, nights, out, lang="zh", command="python -m scenarios.ten_lines")
    print(violations, nights.summary.p_on_time, files[0])
