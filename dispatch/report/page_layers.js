/* Layers of the map, all on canvas: roads once per tile, closures and places when they change, vehicles every frame. */
const LOOK = {};

function readLook() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "muted", "line", "faint", "surface", "road-major", "road-middle", "road-minor", "blue"])
    LOOK[name] = style.getPropertyValue("--" + name).trim();
  for (const role of ["served", "waiting", "late", "depot", "closed", "partial", "slowed", "route"])
    LOOK[role] = style.getPropertyValue("--role-" + role).trim();
  DATA.activities.forEach((name) => {
    LOOK[name] = style.getPropertyValue("--role-" + name.replaceAll("_", "-")).trim();
  });
  LOOK.font = getComputedStyle(document.body).fontFamily;
}

function lineWidths(zoom) {
  const grow = Math.min(Math.max(zoom - 9, 0), 7);
  return { minor: 0.5 + 0.2 * grow, middle: 1 + 0.4 * grow, major: 1.6 + 0.6 * grow };
}

const RoadTiles = L.GridLayer.extend({
  createTile(coords) {
    const size = this.getTileSize(), ratio = window.devicePixelRatio || 1;
    const tile = L.DomUtil.create("canvas", "leaflet-tile");
    tile.width = size.x * ratio;
    tile.height = size.y * ratio;
    const scale = 2 ** (coords.z - PLANE_ZOOM), origin = this.options.origin;
    const left = (coords.x * size.x) / scale - origin[0], top = (coords.y * size.y) / scale - origin[1];
    const right = left + size.x / scale, bottom = top + size.y / scale, margin = 8 / scale;
    const ctx = tile.getContext("2d");
    ctx.setTransform(scale * ratio, 0, 0, scale * ratio, -left * scale * ratio, -top * scale * ratio);
    ctx.lineJoin = ctx.lineCap = "round";
    const widths = lineWidths(coords.z);
    for (const group of ["minor", "middle", "major"]) {
      const lines = this.options.roads[group];
      ctx.beginPath();
      for (let k = 0; k < lines.count; k++) {
        if (lines.box[4 * k + 2] < left - margin || lines.box[4 * k] > right + margin) continue;
        if (lines.box[4 * k + 3] < top - margin || lines.box[4 * k + 1] > bottom + margin) continue;
        traceLine(ctx, lines, k);
      }
      ctx.lineWidth = widths[group] / scale;
      ctx.strokeStyle = LOOK["road-" + group];
      ctx.stroke();
    }
    return tile;
  },
});

/* A canvas over the whole map; `paint(ctx, view)` draws in the plane, `view.scale` is screen pixels per plane unit. */
const Overlay = L.Layer.extend({
  initialize(paint, origin, pane) {
    this.paint = paint;
    this.origin = origin;
    this.options = { pane };
  },
  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", this.getPane());
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.style.pointerEvents = "none";
    this.draw();
    return this;
  },
  onRemove() {
    this.canvas.remove();
    this.canvas = null;
  },
  getEvents() {
    return { move: this.draw, resize: this.draw, viewreset: this.draw, zoomend: this.draw, zoomanim: this.follow };
  },
  follow(event) {
    const scale = this._map.getZoomScale(event.zoom);
    const corner = this._map._latLngBoundsToNewLayerBounds(this.bounds, event.zoom, event.center).min;
    L.DomUtil.setTransform(this.canvas, corner, scale);
  },
  view() {
    const map = this._map, zoom = map.getZoom(), scale = 2 ** (zoom - PLANE_ZOOM), corner = map.getPixelBounds().min;
    return { zoom, scale, dx: this.origin[0] * scale - corner.x, dy: this.origin[1] * scale - corner.y };
  },
  draw() {
    if (!this.canvas || this._map._animatingZoom) return;
    const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== size.x * ratio || this.canvas.height !== size.y * ratio) {
      this.canvas.width = size.x * ratio;
      this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + "px";
      this.canvas.style.height = size.y + "px";
    }
    this.bounds = map.getBounds();
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
    const ctx = this.canvas.getContext("2d"), view = this.view();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    view.plane = () => ctx.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.dx * ratio, view.dy * ratio);
    view.screen = () => ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    view.at = (point) => [point.x * view.scale + view.dx, point.y * view.scale + view.dy];
    view.width = size.x;
    view.height = size.y;
    this.paint(ctx, view);
  },
});

/* Closed: a thick line striped like barrier tape; closed for some vehicles: dashed; slowed: dotted. */
function paintClosures(ctx, view, paths) {
  view.plane();
  ctx.lineJoin = "round";
  const unit = 1 / view.scale;
  const stroke = (path, colour, width, dash, cap) => {
    ctx.lineCap = cap;
    ctx.setLineDash(dash.map((length) => length * unit));
    ctx.lineWidth = width * unit;
    ctx.strokeStyle = colour;
    ctx.stroke(path);
  };
  const wide = view.zoom >= 12 ? 7 : 5;
  stroke(paths.slowed, LOOK.surface, wide, [], "butt");
  stroke(paths.slowed, LOOK.slowed, wide - 2, [1, 5], "round");
  stroke(paths.partial, LOOK.surface, wide, [], "butt");
  stroke(paths.partial, LOOK.partial, wide - 2, [7, 4], "butt");
  stroke(paths.closed, LOOK.closed, wide, [], "round");
  stroke(paths.closed, LOOK.surface, wide - 3, [3, 5], "butt");
  ctx.setLineDash([]);
}

function paintRoute(ctx, view, lines, paths, colour, width) {
  view.plane();
  ctx.lineJoin = ctx.lineCap = "round";
  ctx.beginPath();
  for (const k of paths) traceLine(ctx, lines, k);
  ctx.lineWidth = width / view.scale;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

function paintDepot(ctx, [x, y], selected) {
  ctx.beginPath();
  ctx.moveTo(x - 8, y - 1);
  ctx.lineTo(x, y - 8);
  ctx.lineTo(x + 8, y - 1);
  ctx.lineTo(x + 8, y + 7);
  ctx.lineTo(x - 8, y + 7);
  ctx.closePath();
  ctx.fillStyle = LOOK.depot;
  ctx.strokeStyle = selected ? LOOK.ink : LOOK.surface;
  ctx.lineWidth = selected ? 3 : 1.5;
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = LOOK.surface;
  ctx.fillRect(x - 3.5, y + 1, 7, 6);
}

/* Waiting: an empty ring; served: a full disc with a tick; the line passed and not served: a full disc with a cross. */
function paintPlace(ctx, [x, y], radius, state, late, selected) {
  const colour = { waiting: LOOK.muted, served: LOOK.served, missed: LOOK.late }[state];
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 7);
  ctx.fillStyle = state === "waiting" ? LOOK.surface : colour;
  ctx.fill();
  ctx.lineWidth = selected ? 4 : late ? 3 : 2;
  ctx.strokeStyle = selected ? LOOK.ink : late ? LOOK.late : colour;
  ctx.stroke();
  if (state === "waiting") return;
  const r = 0.5 * radius;
  ctx.beginPath();
  if (state === "served") {
    ctx.moveTo(x - r, y);
    ctx.lineTo(x - 0.2 * r, y + 0.75 * r);
    ctx.lineTo(x + r, y - 0.7 * r);
  } else {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x + r, y - r);
    ctx.lineTo(x - r, y + r);
  }
  ctx.lineWidth = 2;
  ctx.lineCap = "round";
  ctx.strokeStyle = LOOK.surface;
  ctx.stroke();
}

function paintVehicle(ctx, [x, y], heading, colour, selected) {
  ctx.save();
  ctx.translate(x, y);
  ctx.beginPath();
  if (heading === null) ctx.rect(-4.5, -4.5, 9, 9);
  else {
    ctx.rotate(heading);
    ctx.moveTo(9, 0);
    ctx.lineTo(-6, 6);
    ctx.lineTo(-3, 0);
    ctx.lineTo(-6, -6);
    ctx.closePath();
  }
  ctx.lineJoin = "round";
  ctx.lineWidth = selected ? 6 : 4;
  ctx.strokeStyle = LOOK.surface;
  ctx.stroke();
  ctx.lineWidth = selected ? 3 : 1.5;
  ctx.strokeStyle = LOOK.ink;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.restore();
}

/* Which names to write, and where, without one over another, over what is `kept` free or over the edge: by the order given. */
function placeLabels(ctx, candidates, kept, size, right) {
  const taken = [...candidates.map(([, [x, y], r]) => [x - r, y - r, x + r, y + r]), ...kept];
  const free = (box) => !taken.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3]);
  const placed = [];
  ctx.font = size + "px " + LOOK.font;
  for (const [name, [x, y], radius] of candidates) {
    const width = ctx.measureText(name).width, gap = radius + 4, half = 0.6 * size;
    const spots = [
      [x + gap, y], [x - gap - width, y], [x - width / 2, y - gap - half], [x - width / 2, y + gap + half],
    ];
    for (const [sx, sy] of spots) {
      const box = [sx, sy - half, sx + width, sy + half];
      if (box[0] < 2 || box[2] > right - 2 || !free(box)) continue;
      taken.push(box);
      placed.push([name, sx, sy]);
      break;
    }
  }
  return placed;
}

function paintLabels(ctx, labels, size) {
  ctx.font = size + "px " + LOOK.font;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = LOOK.surface;
  ctx.fillStyle = LOOK.ink;
  for (const [name, x, y] of labels) {
    ctx.strokeText(name, x, y);
    ctx.fillText(name, x, y);
  }
}
