/* The one map: reads DATA (see county_map.py); layers on and off, click or search a thing, by mouse or keyboard. */
(function () {
  const element = (id) => document.getElementById(id);
  const quiet = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map("map", { zoomControl: false, zoomSnap: 0.25, preferCanvas: true, zoomAnimation: !quiet, fadeAnimation: !quiet, maxZoom: 17, attributionControl: false });
  L.control.zoom({ zoomInTitle: DATA.words.zoom_in, zoomOutTitle: DATA.words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  L.control.attribution({ prefix: "Leaflet" }).addAttribution(DATA.attribution).addTo(map);
  const NorthArrow = L.Control.extend({
    onAdd() {
      const box = L.DomUtil.create("div", "north");
      box.innerHTML = '<svg viewBox="0 0 24 34" width="24" height="34" aria-hidden="true"><path d="M12 1 20 25 12 20 4 25Z"/><text x="12" y="33">N</text></svg>';
      box.title = DATA.words.north;
      return box;
    },
  });
  new NorthArrow({ position: "topright" }).addTo(map);

  const points = DATA.groups.flatMap((group) => group.features.flatMap((feature) => feature.parts.flat()));
  const bounds = L.latLngBounds(points.length ? points : [[-1, -1], [1, 1]]);
  map.fitBounds(bounds.pad(0.03), { animate: false });
  if (DATA.tiles) L.tileLayer(DATA.tiles).addTo(map);

  map.createPane("roads").style.zIndex = 250;
  readLook();
  const middle = bounds.getCenter();
  const origin = mercator(middle.lng, middle.lat).map(Math.round);
  const roads = {};
  for (const group of Object.keys(DATA.roads)) roads[group] = decodeLines(DATA.roads[group], origin);
  const roadLayer = new RoadTiles({ roads, origin, pane: "roads", updateWhenZooming: false, keepBuffer: 1 });

  const style = getComputedStyle(document.documentElement);
  const hue = (name) => style.getPropertyValue("--" + name.replaceAll("_", "-")).trim();
  const named = new Map();

  function tell(feature, group) {
    const detail = element("detail");
    detail.replaceChildren();
    const title = document.createElement("h3");
    title.textContent = feature.title || group.title;
    const kind = document.createElement("p");
    kind.className = "muted";
    kind.textContent = group.title;
    const list = document.createElement("ul");
    for (const line of feature.lines) {
      const item = document.createElement("li");
      item.textContent = line;
      list.append(item);
    }
    detail.append(title, kind, list);
  }

  function drawn(group, feature) {
    const colour = hue(group.colour);
    if (group.shape === "point") {
      const size = group.glyph ? 18 : 10;
      const span = document.createElement("span");
      span.textContent = group.glyph;
      const icon = L.divIcon({ className: "pin", html: span, iconSize: [size, size] });
      const marker = L.marker(feature.parts[0][0], { icon, title: feature.title, alt: feature.title, keyboard: true });
      marker.on("add", () => { marker.getElement().style.background = colour; });
      return marker.on("click keypress", () => tell(feature, group));
    }
    if (group.shape === "line")
      return L.polyline(feature.parts, { color: colour, weight: 4, opacity: 0.85 }).on("click", () => tell(feature, group));
    const outline = group.key === "boundary";
    const look = { color: colour, weight: 2, dashArray: outline ? "6 4" : null, fill: !outline, fillOpacity: 0.18, interactive: !outline };
    return L.polygon(feature.parts, look).on("click", () => tell(feature, group));
  }

  function addSwitch(title, layer, shown, key) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = shown;
    box.addEventListener("change", () => (box.checked ? layer.addTo(map) : layer.remove()));
    label.append(box, key, title);
    element("layers").append(label);
    if (shown) layer.addTo(map);
    return box;
  }
  function keyOf(group) {
    const key = document.createElement("span");
    key.className = group.shape === "point" ? "key" : "key line";
    key.style.background = hue(group.colour);
    key.textContent = group.shape === "point" ? group.glyph : "";
    key.setAttribute("aria-hidden", "true");
    return key;
  }

  if (Object.values(roads).some((lines) => lines.count))
    addSwitch(DATA.words.roads, roadLayer, true, keyOf({ shape: "line", colour: "road_major" }));
  for (const group of DATA.groups) {
    const members = group.features.map((feature) => drawn(group, feature));
    const layer = L.layerGroup(members);
    const box = addSwitch(group.title + " (" + group.features.length + ")", layer, group.shown, keyOf(group));
    group.features.forEach((feature) => {
      if (feature.title && !named.has(feature.title)) named.set(feature.title, { feature, group, box, layer });
    });
  }
  for (const name of named.keys()) {
    const option = document.createElement("option");
    option.value = name;
    element("names").append(option);
  }
  element("find").addEventListener("change", (event) => {
    const found = named.get(event.target.value);
    if (!found) {
      element("detail").textContent = event.target.value ? DATA.words.none : "";
      return;
    }
    if (!found.box.checked) {
      found.box.checked = true;
      found.layer.addTo(map);
    }
    map.fitBounds(L.latLngBounds(found.feature.parts.flat()).pad(0.2), { maxZoom: 14, animate: !quiet });
    tell(found.feature, found.group);
  });
  window.countyMap = map;
})();
