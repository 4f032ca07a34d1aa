import { curved, STILL, type Speeds } from "./joystick";

/** What a joystick or gamepad says now. `pressed`: buttons that went down since the last look. */
export interface PadState {
  name: string;
  speeds: Speeds;
  pressed: number[];
}

/** Sticks of desks rest less exactly than a mouse. */
const REST = 0.15;
/** The standard layout: the triggers zoom, every other button below goes to the preset of its number. */
const ZOOM_OUT = 6;
const ZOOM_IN = 7;
const PRESETS = 12;

/** Control keyboards for domes twist their stick to zoom, which comes as the third axis; the standard layout has a right stick there. */
export function readPad(pad: Gamepad, before: readonly boolean[]): { state: PadState; down: boolean[] } {
  const axis = (at: number) => curved(pad.axes[at] ?? 0, REST);
  const standard = pad.mapping === "standard";
  const trigger = (at: number) => curved(pad.buttons[at]?.value ?? 0, 0.05);
  const zoom = standard ? trigger(ZOOM_IN) - trigger(ZOOM_OUT) || -axis(3) : axis(2);
  const down = pad.buttons.map((button) => button.pressed);
  const pressed = down.flatMap((now, at) => (now && before[at] !== true ? [at] : []));
  return { state: { name: shortName(pad.id), speeds: { pan: axis(0), tilt: -axis(1) || 0, zoom: zoom || 0 }, pressed }, down };
}

/** The preset of a button, counted from 1; the triggers have none. */
export function presetOf(button: number, standard: boolean): number | undefined {
  if (!standard) return button < PRESETS ? button + 1 : undefined;
  if (button === ZOOM_IN || button === ZOOM_OUT || button >= PRESETS) return undefined;
  return button < ZOOM_OUT ? button + 1 : button - 1;
}

/** Browsers add numbers of maker and model in brackets. */
function shortName(id: string): string {
  const name = id.replace(/\(.*?\)/g, "").trim();
  return name === "" ? id : name;
}

/** The first that is connected. */
export function firstPad(): Gamepad | undefined {
  return [...(navigator.getGamepads?.() ?? [])].find((pad): pad is Gamepad => pad?.connected === true);
}

export const NO_PAD: PadState = { name: "", speeds: STILL, pressed: [] };
