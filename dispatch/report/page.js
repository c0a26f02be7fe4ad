/* The map with a clock: reads DATA (see film.py), draws with page_layers.js, tells with page_timetable.js, and lets the reader play, drag and ask. */
(function () {
  const element = (id) => document.getElementById(id);

  /* ---- what is drawn ---- */
  const middle = DATA.sites.length ? DATA.sites[Math.floor(DATA.sites.length / 2)] : { lon: 0, lat: 0 };
  const origin = mercator(middle.lon, middle.lat).map(Math.round);
  const roads = {};
  for (const group of Object.keys(DATA.roads)) roads[group] = decodeLines(DATA.roads[group], origin);
  const streets = decodeLines(DATA.streets, origin);
  const paths = measureLines(decodeLines(DATA.paths, origin));
  const sites = DATA.sites.map((site) => {
    const [x, y] = mercator(site.lon, site.lat);
    return { ...site, plane: { x: x - origin[0], y: y - origin[1] } };
  });
  const films = DATA.films.map((film) => ({
    ...film,
    phases: film.phases.map((rows) => rows.map(readPhase)),
    servedAt: new Map(film.served),
    closures: film.closures.map(([street, start, end, state, cause]) => ({
      street, state, cause, start: start === null ? -Infinity : start, end: end === null ? Infinity : end,
    })),
  }));
  const places = sites.map((site, k) => k).filter((k) => sites[k].people > 0);
  const peopleAll = places.reduce((sum, k) => sum + sites[k].people, 0);
  const mostPeople = Math.max(1, ...places.map((k) => sites[k].people));
  const radius = (k) => 5 + 5 * Math.sqrt(sites[k].people / mostPeople);

  const state = { t: DATA.start_ms, film: 0, playing: false, chosen: null, layers: {}, view: null };
  const film = () => films[state.film];
  const siteName = (k) => (k >= 0 ? sites[k].name : WORDS.on_the_road);

  function placeState(k, t) {
    const served = film().servedAt.get(k);
    if (served !== undefined && served <= t) return "served";
    return t >= DATA.due_ms ? "missed" : "waiting";
  }
  const servedLate = (k, t) => film().servedAt.get(k) > DATA.due_ms && film().servedAt.get(k) <= t;

  /* ---- the map ---- */
  const quiet = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map("map", {
    zoomControl: false, zoomSnap: 0.25, zoomAnimation: !quiet, fadeAnimation: !quiet, minZoom: 6, maxZoom: 17,
    attributionControl: false,
  });
  L.control.zoom({ zoomInTitle: WORDS.zoom_in, zoomOutTitle: WORDS.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  L.control.attribution({ prefix: "Leaflet" }).addAttribution(DATA.attribution).addTo(map);
  const NorthArrow = L.Control.extend({
    onAdd() {
      const box = L.DomUtil.create("div", "north");
      box.innerHTML = '<svg viewBox="0 0 24 34" width="24" height="34" aria-hidden="true"><path d="M12 1 20 25 12 20 4 25Z"/><text x="12" y="33">N</text></svg>';
      box.title = WORDS.north;
      return box;
    },
  });
  new NorthArrow({ position: "topright" }).addTo(map);
  const used = new Set(films.flatMap((one) => one.phases.flat().flatMap((phase) => [phase.site, phase.toSite])));
  const shown = sites.filter((site, k) => site.people > 0 || used.has(k));
  const bounds = L.latLngBounds((shown.length ? shown : [middle]).map((site) => [site.lat, site.lon]));
  const fit = () => map.fitBounds(bounds.pad(0.08), { animate: false, maxZoom: 14 });
  fit();

  map.createPane("roads").style.zIndex = 200;
  map.createPane("closures").style.zIndex = 350;
  map.createPane("still").style.zIndex = 400;
  map.createPane("moving").style.zIndex = 450;
  readLook();
  if (DATA.tiles) L.tileLayer(DATA.tiles, { pane: "tilePane", maxZoom: 17, className: "backdrop" }).addTo(map);
  const layers = {
    roads: new RoadTiles({ roads, origin, pane: "roads", updateWhenZooming: false, keepBuffer: 1 }),
    closures: new Overlay(paintClosureLayer, origin, "closures"),
    still: new Overlay(paintStill, origin, "still"),
    moving: new Overlay(paintMoving, origin, "moving"),
  };
  for (const box of document.querySelectorAll("[data-layer]")) state.layers[box.dataset.layer] = box.checked;

  let active = { key: null, paths: null, count: 0 };
  function activeClosures() {
    const now = film().closures.filter((closure) => closure.start <= state.t && state.t < closure.end);
    const key = state.film + ":" + now.map((closure) => closure.street + "." + closure.state).join();
    if (key === active.key) return false;
    const drawn = { closed: new Path2D(), partial: new Path2D(), slowed: new Path2D() };
    for (const closure of now) traceLine(drawn[DATA.states[closure.state]], streets, closure.street);
    const stopped = new Set(now.filter((closure) => DATA.states[closure.state] !== "slowed").map((c) => c.street));
    active = { key, paths: drawn, now, count: stopped.size };
    return true;
  }
  function paintClosureLayer(ctx, view) {
    if (!active.paths) activeClosures();
    if (state.layers.closures) paintClosures(ctx, view, active.paths);
  }

  /* Where the vehicles stand before they are called, five to a row, so that no name is written below them. */
  const waiting = new Map();
  films[0].phases.forEach((phases, v) => {
    const at = vehicleAt(phases, sites, paths, DATA.start_ms);
    if (at && at.site >= 0 && (at.phase || !DATA.passing[v])) waiting.set(at.site, (waiting.get(at.site) || 0) + 1);
  });
  let labels = { key: "", list: [] };
  for (const layer of Object.values(layers)) layer.addTo(map);

  /* What changes seldom is on a canvas of its own, so that a frame costs no more than its vehicles. */
  function paintStill(ctx, view) {
    state.view = view;
    const chosen = state.chosen;
    if (state.layers.routes) {
      const driven = film().phases.flat().filter((phase) => phase.path >= 0 && DATA.activities[phase.activity] === "drive_loaded");
      paintRoute(ctx, view, paths, new Set(driven.map((phase) => phase.path)), LOOK.route + "66", 3);
    }
    if (chosen && chosen.kind === "vehicle") {
      const driven = film().phases[chosen.index].filter((phase) => phase.path >= 0).map((phase) => phase.path);
      paintRoute(ctx, view, paths, driven, LOOK.surface, 8);
      paintRoute(ctx, view, paths, driven, LOOK.route, 4);
    }
    view.screen();
    const picked = (k) => chosen && chosen.kind === "site" && chosen.index === k;
    if (state.layers.places)
      for (const k of places)
        paintPlace(ctx, view.at(sites[k].plane), radius(k), placeState(k, state.t), servedLate(k, state.t), picked(k));
    if (state.layers.depots)
      sites.forEach((site, k) => site.kind === "depot" && paintDepot(ctx, view.at(site.plane), picked(k)));
    if (state.layers.names) {
      const key = [view.zoom, view.dx, view.dy, view.width, view.height, state.layers.depots, state.layers.places, state.layers.vehicles].join();
      if (labels.key !== key) labels = { key, list: placeLabels(ctx, labelCandidates(view), standingBoxes(view), 12, view.width) };
      paintLabels(ctx, labels.list, 12);
    }
  }
  let stillKey = "";
  function drawStill() {
    const late = places.filter((k) => servedLate(k, state.t)).length;
    const served = places.filter((k) => placeState(k, state.t) === "served").length;
    const key = [state.film, served, late, state.t >= DATA.due_ms].join();
    if (key === stillKey) return;
    stillKey = key;
    layers.still.draw();
  }
  function paintMoving(ctx, view) {
    state.view = view;
    view.screen();
    if (state.layers.vehicles) for (const mark of vehicleMarks(view)) paintVehicle(ctx, ...mark.paint);
  }
  function labelCandidates(view) {
    const order = sites.map((site, k) => k).filter((k) => (sites[k].kind === "depot" ? state.layers.depots : sites[k].people > 0 && state.layers.places));
    order.sort((a, b) => (sites[b].kind === "depot") - (sites[a].kind === "depot") || sites[b].people - sites[a].people || a - b);
    return order
      .map((k) => [sites[k].name, view.at(sites[k].plane), sites[k].kind === "depot" ? 10 : radius(k) + 2])
      .filter(([, [x, y]]) => x > -50 && y > -50 && x < view.width + 50 && y < view.height + 50);
  }
  function standingBoxes(view) {
    return state.layers.vehicles ? [...waiting].map(([k, n]) => {
      const [x, y] = view.at(sites[k].plane);
      return [x + 9, y + 7, x + 10 + 11 * Math.min(n, 5), y + 8 + 11 * Math.ceil(n / 5)];
    }) : [];
  }
  /* Vehicles that stand at the same site are fanned out below it. */
  function vehicleMarks(view) {
    const standing = new Map();
    return film().phases.map((phases, v) => ({ v, at: vehicleAt(phases, sites, paths, state.t) }))
      .filter(({ v, at }) => at && (at.phase || !DATA.passing[v])) // people, teams and aircraft: only while they do something
      .map(({ v, at }) => {
        let [x, y] = view.at(at);
        if (at.site >= 0) {
          const n = standing.get(at.site) || 0;
          standing.set(at.site, n + 1);
          x += 15 + 11 * (n % 5);
          y += 13 + 11 * Math.floor(n / 5);
        }
        const chosen = state.chosen && state.chosen.kind === "vehicle" && state.chosen.index === v;
        const colour = at.phase ? LOOK[at.stands ? "wait_road" : DATA.activities[at.phase.activity]] : LOOK.surface;
        return { v, x, y, paint: [[x, y], at.site >= 0 ? null : at.heading, colour, chosen] };
      });
  }

  /* ---- asking: click, tap, or the list ---- */
  function nearest(point) {
    let best = null;
    const consider = (distance, limit, pick) => {
      if (distance <= limit && (!best || distance < best.distance)) best = { distance, ...pick };
    };
    if (state.layers.vehicles)
      for (const mark of vehicleMarks(state.view))
        consider(Math.hypot(mark.x - point.x, mark.y - point.y), 14, { kind: "vehicle", index: mark.v });
    sites.forEach((site, k) => {
      if (!(site.people > 0 && state.layers.places) && !(site.kind === "depot" && state.layers.depots)) return;
      const [x, y] = state.view.at(site.plane);
      consider(Math.hypot(x - point.x, y - point.y) - 4, 14, { kind: "site", index: k });
    });
    if (!best && state.layers.closures)
      for (const closure of active.now)
        for (let p = streets.first[closure.street]; p < streets.first[closure.street + 1] - 1; p++) {
          const a = L.point(...state.view.at({ x: streets.x[p], y: streets.y[p] }));
          const b = L.point(...state.view.at({ x: streets.x[p + 1], y: streets.y[p + 1] }));
          consider(L.LineUtil.pointToSegmentDistance(L.point(point.x, point.y), a, b), 9, { kind: "closure", closure });
        }
    return best;
  }
  map.on("click", (event) => choose(nearest(event.containerPoint)));
  map.on("mousemove", (event) => {
    map.getContainer().style.cursor = state.playing || !nearest(event.containerPoint) ? "" : "pointer";
  });

  function choose(pick) {
    state.chosen = pick && { kind: pick.kind, index: pick.index, closure: pick.closure };
    element("pick").value = pick && pick.kind !== "closure" ? pick.kind + ":" + pick.index : "";
    showDetail();
    layers.still.draw();
    layers.moving.draw();
  }

  function showDetail() {
    const chosen = state.chosen;
    const parts = !chosen ? [make("p", { class: "muted" }, WORDS.choose_hint)]
      : chosen.kind === "vehicle" ? vehicleDetail(chosen.index, film(), siteName, setTime)
      : chosen.kind === "site" ? siteDetail(chosen.index, sites[chosen.index], film(), setTime)
      : closureDetail(chosen.closure);
    element("detail").replaceChildren(...parts);
    markRows();
  }
  function markRows() {
    const rows = [...element("detail").querySelectorAll("tr[data-ms]")];
    const now = rows.filter((row) => Number(row.dataset.ms) <= state.t).pop();
    for (const row of rows) row.classList.toggle("now", row === now);
  }

  /* ---- the clock ---- */
  const slider = element("slider");
  slider.min = DATA.start_ms;
  slider.max = DATA.end_ms;
  slider.step = 1000;

  function show() {
    const t = state.t;
    if (activeClosures()) layers.closures.draw();
    drawStill();
    layers.moving.draw();
    const left = DATA.due_ms - t;
    element("clock").textContent = clockTime(t, true);
    element("elapsed").textContent = "T" + sinceOrder(t);
    element("elapsed").classList.toggle("over", left < 0);
    const done = places.filter((k) => placeState(k, t) === "served");
    const people = done.reduce((sum, k) => sum + sites[k].people, 0);
    const driving = film().phases.filter((phases, v) => {
      if (DATA.passing[v]) return false;
      const at = vehicleAt(phases, sites, paths, t);
      return at && at.phase && at.phase.toSite >= 0;
    }).length;
    const counts = {
      served: done.length, places: places.length, people: Math.round(people), all: Math.round(peopleAll),
      share: peopleAll ? Math.round((100 * people) / peopleAll) : 0, driving, closed: active.count,
    };
    element("counts").textContent = fill(WORDS.counts, counts);
    if (document.activeElement !== slider || Number(slider.value) !== t) slider.value = t;
    slider.setAttribute("aria-valuetext", "T" + sinceOrder(t) + ", " + fill(WORDS.counts, counts));
    markRows();
  }
  function setTime(t) {
    state.t = Math.min(Math.max(t, DATA.start_ms), DATA.end_ms);
    show();
  }
  let before = null;
  function frame(now) {
    if (!state.playing) return;
    if (before !== null) {
      const t = state.t + (now - before) * Number(element("speed").value);
      if (t >= DATA.end_ms) play(false);
      setTime(t);
    }
    before = now;
    if (state.playing) requestAnimationFrame(frame);
  }
  function play(on) {
    if (on && state.t >= DATA.end_ms) state.t = DATA.start_ms;
    state.playing = on;
    before = null;
    const button = element("play");
    button.textContent = on ? "❚❚" : "▶";
    button.setAttribute("aria-label", on ? WORDS.pause : WORDS.play);
    button.title = on ? WORDS.pause : WORDS.play;
    if (on) requestAnimationFrame(frame);
    else show();
  }
  slider.addEventListener("input", () => setTime(Number(slider.value)));
  element("play").addEventListener("click", () => play(!state.playing));
  element("film").addEventListener("change", (event) => {
    state.film = Number(event.target.value);
    drawStrip();
    showDetail();
    show();
  });
  element("pick").addEventListener("change", (event) => {
    const [kind, index] = event.target.value.split(":");
    choose(kind ? { kind, index: Number(index) } : null);
  });
  element("fit").addEventListener("click", fit);
  for (const box of document.querySelectorAll("[data-layer]")) {
    box.addEventListener("change", () => {
      state.layers[box.dataset.layer] = box.checked;
      if (box.dataset.layer === "roads") box.checked ? layers.roads.addTo(map) : layers.roads.remove();
      layers.closures.draw();
      layers.still.draw();
      layers.moving.draw();
    });
  }
  element("player").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(SELECT|INPUT|BUTTON)$/.test(event.target.tagName) && event.target !== slider;
    const minute = 60000;
    const moves = { ",": -5 * minute, ".": 5 * minute, "<": -60 * minute, ">": 60 * minute };
    if (event.key === " " && !typing) play(!state.playing);
    else if (moves[event.key]) setTime(state.t + moves[event.key]);
    else if (event.key === "Home" && !typing) setTime(DATA.start_ms);
    else if (event.key === "End" && !typing) setTime(DATA.end_ms);
    else if (event.target === slider && /^Arrow/.test(event.key))
      setTime(state.t + (/Right|Up/.test(event.key) ? minute : -minute));
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });

  /* ---- the strip above the slider: people served by the hour, the hours, the six-hour line ---- */
  function drawStrip() {
    const span = DATA.end_ms - DATA.start_ms, x = (ms) => (1000 * (ms - DATA.start_ms)) / span;
    let area = "M0 40", people = 0;
    for (const [k, ms] of [...film().served].sort((a, b) => a[1] - b[1])) {
      area += "H" + x(ms).toFixed(2);
      people += sites[k].people;
      area += "V" + (40 - (36 * people) / Math.max(peopleAll, 1)).toFixed(2);
    }
    element("strip-area").setAttribute("d", area + "H1000V40Z");
    element("strip-due").setAttribute("d", "M" + x(DATA.due_ms) + " 0V40");
    const hours = [];
    const count = Math.floor((DATA.end_ms - DATA.order_ms) / 3600000), step = Math.ceil(count / 12);
    for (let h = 0; h <= count; h += step) {
      const label = make("span", { style: "left:" + x(DATA.order_ms + h * 3600000) / 10 + "%" }, h + " h");
      if (DATA.order_ms + h * 3600000 === DATA.due_ms) label.className = "due";
      hours.push(label);
    }
    element("hours").replaceChildren(...hours);
  }

  function repaint() {
    readLook();
    layers.roads.redraw();
    show();
    layers.closures.draw();
    layers.still.draw();
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  window.addEventListener("beforeprint", () => {
    play(false);
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });

  drawStrip();
  showDetail();
  play(false);

  /* For tests and for the curious. */
  window.reportPage = {
    setTime, play, choose,
    time: () => state.t,
    vehicle(v, t) {
      const at = vehicleAt(film().phases[v], sites, paths, t);
      const [lon, lat] = lonLat(at.x + origin[0], at.y + origin[1]);
      return { lon, lat, activity: at.phase ? DATA.activities[at.phase.activity] : "" };
    },
    placeState: (k) => placeState(k, state.t),
    screen: (k) => state.view.at(sites[k].plane),
    closed: () => active.count,
  };
})();
