const HOLD_MS = 1_000;

/** A button that does it after it was held for a second, by finger or by Enter or Space: no pocket presses for so long in one place. */
export function held(button: HTMLButtonElement, begun: () => void, ended: () => void, done: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    clearTimeout(timer);
    if (timer !== undefined) ended();
    timer = undefined;
  };
  const begin = () => {
    if (timer !== undefined || button.disabled) return;
    begun();
    timer = setTimeout(() => {
      end();
      if ("vibrate" in navigator) navigator.vibrate(200);
      done();
    }, HOLD_MS);
  };
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId); // a thumb shakes
    begin();
  });
  for (const name of ["pointerup", "pointercancel", "keyup", "blur"]) button.addEventListener(name, end);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
}
