/* Times in words, and the timetable of what the reader chose: a vehicle, a site or a closed road, as DOM nodes. */
const WORDS = DATA.words;
const REFERENCE = Date.parse(DATA.reference + "Z");

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function clockTime(ms, withDay) {
  const moment = new Date(REFERENCE + ms), two = (n) => String(n).padStart(2, "0");
  const time = two(moment.getUTCHours()) + ":" + two(moment.getUTCMinutes());
  return withDay ? fill(WORDS.day_time, { month: moment.getUTCMonth() + 1, day: moment.getUTCDate(), time }) : time;
}

function sinceOrder(ms) {
  const minutes = Math.floor((ms - DATA.order_ms) / 60000), whole = Math.abs(minutes);
  return (minutes < 0 ? "−" : "+") + Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
}

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/* Rows are {ms, cells}; a click on a time calls goTo(ms). */
function timeTable(heads, rows, goTo) {
  const body = rows.map(({ ms, cells }) => {
    const button = make("button", { type: "button", class: "time", title: WORDS.go_there }, clockTime(ms));
    button.addEventListener("click", () => goTo(ms));
    const words = cells.map((cell) => make("td", {}, cell));
    return make("tr", { "data-ms": ms }, make("td", {}, button), make("td", {}, sinceOrder(ms)), ...words);
  });
  const head = [WORDS.time, WORDS.since_order, ...heads].map((word) => make("th", { scope: "col" }, word));
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
}

function vehicleDetail(v, film, siteName, goTo) {
  const phases = film.phases[v];
  const rows = phases.map((phase) => {
    const role = DATA.activities[phase.activity].replaceAll("_", "-");
    const swatch = make("span", { class: "swatch", style: "background: var(--role-" + role + ")" });
    const drives = phase.toSite >= 0 || phase.path >= 0;
    const where = drives ? siteName(phase.site) + " → " + siteName(phase.toSite) : siteName(phase.site);
    const words = make("span", {}, swatch, WORDS.activities[phase.activity]);
    return { ms: phase.start, cells: [words, phase.goods ? where + ": " + phase.goods : where] };
  });
  if (phases.length) {
    const last = phases[phases.length - 1];
    const at = last.toSite >= 0 ? last.toSite : last.path >= 0 ? -1 : last.site;
    rows.push({ ms: last.end, cells: [WORDS.trip_ends, siteName(at)] });
  }
  return [
    make("h3", {}, DATA.vehicle_names[v]),
    make("p", { class: "muted" }, DATA.vehicle_classes[v]),
    rows.length ? timeTable([WORDS.what, WORDS.where], rows, goTo) : make("p", {}, WORDS.unused),
  ];
}

function siteDetail(k, site, film, goTo) {
  const rows = [];
  film.phases.forEach((phases, v) => {
    for (const phase of phases) {
      if (phase.toSite >= 0 || phase.site !== k) continue;
      if (!["unloading", "loading"].includes(DATA.activities[phase.activity])) continue;
      const what = fill(WORDS.until, { what: WORDS.activities[phase.activity], time: clockTime(phase.end) });
      rows.push({ ms: phase.start, cells: [DATA.vehicle_names[v], what, phase.goods] });
    }
  });
  rows.sort((a, b) => a.ms - b.ms);
  const parts = [make("h3", {}, site.name)];
  if (site.people > 0) {
    const served = film.servedAt.get(k), inTime = served !== undefined && served <= DATA.due_ms;
    const template = served === undefined ? WORDS.never_served : inTime ? WORDS.served_in_time : WORDS.served_late;
    const line = fill(template, { time: clockTime(served), since: sinceOrder(served) });
    parts.push(make("p", { class: "verdict " + (inTime ? "good" : "bad") }, line));
  }
  for (const line of site.lines) parts.push(make("p", {}, line));
  if (rows.length) parts.push(timeTable([WORDS.vehicle, WORDS.what, WORDS.goods], rows, goTo));
  return parts;
}

function closureDetail(closure) {
  const until = Number.isFinite(closure.end) ? clockTime(closure.end, true) : WORDS.no_end;
  const from = Number.isFinite(closure.start) ? clockTime(closure.start, true) : WORDS.no_start;
  return [
    make("h3", {}, DATA.street_names[closure.street] || WORDS.unnamed),
    make("p", {}, WORDS.states[closure.state] + " · " + (DATA.causes[closure.cause] || closure.cause)),
    make("p", {}, from + " – " + until),
  ];
}
