/* Geometry of the page: encoded polylines to plane coordinates, and where a vehicle is at an instant.
   Plane: Web Mercator pixels of zoom 14, from an origin near the county, so that 32-bit paths keep a millimetre. */
const PLANE_ZOOM = 14;
const PLANE_SIZE = 256 * 2 ** PLANE_ZOOM;

function mercator(lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [
    PLANE_SIZE * (lon / 360 + 0.5),
    PLANE_SIZE * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)),
  ];
}

function lonLat(x, y) {
  const n = Math.PI * (1 - (2 * y) / PLANE_SIZE);
  return [(x / PLANE_SIZE - 0.5) * 360, (Math.atan(Math.sinh(n)) * 180) / Math.PI];
}

/* Lines of an encoded string: points first[k] … first[k + 1] - 1 of line k, and each line's box. */
function decodeLines(text, origin) {
  const first = [0], xs = [], ys = [];
  let lat = 0, lon = 0, value = 0, shift = 0, north = null;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 32) {
      first.push(xs.length);
      continue;
    }
    const bits = code - 63;
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    const step = value & 1 ? ~(value >> 1) : value >> 1;
    value = shift = 0;
    if (north === null) {
      north = step;
      continue;
    }
    lat += north;
    lon += step;
    north = null;
    const [x, y] = mercator(lon / 1e5, lat / 1e5);
    xs.push(x - origin[0]);
    ys.push(y - origin[1]);
  }
  if (text.length) first.push(xs.length);
  const lines = { count: first.length - 1, first, x: Float64Array.from(xs), y: Float64Array.from(ys) };
  lines.box = new Float64Array(4 * lines.count);
  for (let k = 0; k < lines.count; k++) {
    let west = Infinity, top = Infinity, east = -Infinity, bottom = -Infinity;
    for (let p = first[k]; p < first[k + 1]; p++) {
      west = Math.min(west, lines.x[p]);
      east = Math.max(east, lines.x[p]);
      top = Math.min(top, lines.y[p]);
      bottom = Math.max(bottom, lines.y[p]);
    }
    lines.box.set([west, top, east, bottom], 4 * k);
  }
  return lines;
}

function traceLine(path, lines, k) {
  path.moveTo(lines.x[lines.first[k]], lines.y[lines.first[k]]);
  for (let p = lines.first[k] + 1; p < lines.first[k + 1]; p++) path.lineTo(lines.x[p], lines.y[p]);
}

/* Position of the last entry of a sorted list of instants that is not after t; -1 before the first. */
function lastNotAfter(times, t) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/* How far each point lies along its line, in the plane. */
function measureLines(lines) {
  lines.run = new Float64Array(lines.x.length);
  for (let k = 0; k < lines.count; k++)
    for (let p = lines.first[k] + 1; p < lines.first[k + 1]; p++)
      lines.run[p] = lines.run[p - 1] + Math.hypot(lines.x[p] - lines.x[p - 1], lines.y[p] - lines.y[p - 1]);
  return lines;
}

/* A point `share` of the way along line k between its vertices v and w. */
function along(lines, k, v, w, share) {
  let low = lines.first[k] + v, high = lines.first[k] + w;
  const target = lines.run[low] + share * (lines.run[high] - lines.run[low]);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lines.run[middle] <= target) low = middle;
    else high = middle;
  }
  const length = lines.run[high] - lines.run[low];
  if (!(length > 0)) return { x: lines.x[high], y: lines.y[high], heading: null };
  const part = (target - lines.run[low]) / length;
  const dx = lines.x[high] - lines.x[low], dy = lines.y[high] - lines.y[low];
  return { x: lines.x[low] + part * dx, y: lines.y[low] + part * dy, heading: Math.atan2(dy, dx) };
}

/* Phases arrive as [activity, start, end, site, to site, path, vertex steps, time steps, goods]. */
function readPhase(row) {
  const [activity, start, end, site, toSite, path, vertexSteps, timeSteps, goods] = row;
  const phase = { activity, start, end, site, toSite, path, goods: goods || "" };
  if (path >= 0) {
    let vertex = 0, time = start;
    phase.vertices = vertexSteps.map((step) => (vertex += step));
    phase.times = timeSteps.map((step) => (time += step));
  }
  return phase;
}

/* Where a vehicle is at t, in the plane: at the first site before its first phase, at the last after its last. */
function vehicleAt(phases, sites, paths, t, before = phases.length) {
  if (!before) return null;
  if (!phases.starts) phases.starts = phases.map((phase) => phase.start);
  const index = Math.min(lastNotAfter(phases.starts, t), before - 1);
  if (index < 0) return { ...sites[phases[0].site].plane, heading: null, phase: null, site: phases[0].site };
  const phase = phases[index];
  if (t >= phase.end) {
    const site = phase.toSite >= 0 ? phase.toSite : phase.path >= 0 ? -1 : phase.site;
    if (site >= 0) return { ...sites[site].plane, heading: null, phase: null, site };
    const stranded = phases.slice(0, index + 1).reverse().find((earlier) => earlier.path >= 0);
    return { ...along(paths, stranded.path, 0, stranded.vertices[stranded.vertices.length - 1], 1), phase: null, site: -1 };
  }
  if (phase.path < 0) {
    if (phase.site < 0) return { ...vehicleAt(phases, sites, paths, t, index), phase };
    if (phase.toSite < 0) return { ...sites[phase.site].plane, heading: null, phase, site: phase.site };
    const from = sites[phase.site].plane, to = sites[phase.toSite].plane;
    const share = (t - phase.start) / (phase.end - phase.start);
    const heading = Math.atan2(to.y - from.y, to.x - from.x);
    return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y), heading, phase, site: -1 };
  }
  const k = Math.min(lastNotAfter(phase.times, t), phase.times.length - 2);
  const span = phase.times[k + 1] - phase.times[k];
  const share = span > 0 ? (t - phase.times[k]) / span : 1;
  const stands = phase.vertices[k] === phase.vertices[k + 1];
  const point = along(paths, phase.path, phase.vertices[k], phase.vertices[k + 1], share);
  return { ...point, phase, site: -1, stands };
}
