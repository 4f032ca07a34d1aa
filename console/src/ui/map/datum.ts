import type { Place } from "./geometry";

/** Cameras are kept in WGS-84, which CGCS2000 equals to a metre. Maps in GCJ-02 show everything of China shifted by some hundred metres: onto such a map places are moved, and what is drawn on it is moved back. Pure. */
export type Datum = "WGS-84" | "CGCS2000" | "GCJ-02";

/** Of the ellipsoid that the shift is defined on (Krasovsky 1940). */
const AXIS_M = 6_378_245;
const ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943;
/** Where places are shifted: outside, GCJ-02 is WGS-84. */
const CHINA = { west: 72.004, east: 137.8347, south: 0.8293, north: 55.8271 };
/** Degrees: a tenth of a millimetre. */
const EXACT = 1e-9;
const MOST_ROUNDS = 12;

const wave = (amplitude: number, angle: number) => amplitude * Math.sin(angle * Math.PI);

/** Metres on the ellipsoid, by distances in degrees from 105 E, 35 N. */
function moved(x: number, y: number): [east: number, north: number] {
  const common = (wave(20, 6 * x) + wave(20, 2 * x)) * (2 / 3);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + common + (wave(20, y) + wave(40, y / 3)) * (2 / 3) + (wave(160, y / 12) + wave(320, y / 30)) * (2 / 3);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + common + (wave(20, x) + wave(40, x / 3)) * (2 / 3) + (wave(150, x / 12) + wave(300, x / 30)) * (2 / 3);
  return [east, north];
}

const isShifted = ([longitude, latitude]: Place) => longitude > CHINA.west && longitude < CHINA.east && latitude > CHINA.south && latitude < CHINA.north;

/** WGS-84 to GCJ-02, exactly as it is defined. */
export function toGcj02(place: Place): Place {
  if (!isShifted(place)) return place;
  const [longitude, latitude] = place;
  const [east, north] = moved(longitude - 105, latitude - 35);
  const angle = (latitude * Math.PI) / 180;
  const bend = 1 - ECCENTRICITY_SQUARED * Math.sin(angle) ** 2;
  const degreesNorth = (north * 180) / (((AXIS_M * (1 - ECCENTRICITY_SQUARED)) / (bend * Math.sqrt(bend))) * Math.PI);
  const degreesEast = (east * 180) / ((AXIS_M / Math.sqrt(bend)) * Math.cos(angle) * Math.PI);
  return [longitude + degreesEast, latitude + degreesNorth];
}

/** GCJ-02 to WGS-84: there is no formula, so it is approached until the way back meets. */
export function fromGcj02(place: Place): Place {
  let found: Place = place;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const [longitude, latitude] = toGcj02(found);
    const off: Place = [place[0] - longitude, place[1] - latitude];
    found = [found[0] + off[0], found[1] + off[1]];
    if (Math.abs(off[0]) < EXACT && Math.abs(off[1]) < EXACT) break;
  }
  return found;
}

const asIs = (place: Place): Place => place;

/** Onto a map of that datum, and back. */
export const shiftTo = (datum: Datum): ((place: Place) => Place) => (datum === "GCJ-02" ? toGcj02 : asIs);
export const shiftFrom = (datum: Datum): ((place: Place) => Place) => (datum === "GCJ-02" ? fromGcj02 : asIs);
