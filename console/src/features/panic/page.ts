import { fullWidth } from "../../ui/punctuation";
import { panicEn, panicZh } from "../../ui/texts-panic";
import { Calling, tokenOf } from "./calling";
import { held } from "./hold";
import { Position } from "./position";
import { clockOf, statusOf, type PanicKey } from "./words";

/** The console's own choice of a language, where there is one. */
const LANGUAGE = "fengsui.language";

function made<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, ...inside: HTMLElement[]): HTMLElementTagNameMap[K] {
  const found = document.createElement(tag);
  found.className = name;
  found.dataset.testid = name;
  found.append(...inside);
  return found;
}

function box(name: string): { label: HTMLLabelElement; input: HTMLInputElement; words: HTMLSpanElement } {
  const input = made("input", `${name}-box`);
  input.type = "checkbox";
  const words = made("span", `${name}-words`);
  return { label: made("label", name, input, words), input, words };
}

/** One large button, and what becomes of the press. Without any library: it opens where the network is poor. */
export function showPanicPage(root: HTMLElement): void {
  let english = localStorage.getItem(LANGUAGE) === "en";
  let holding = false;
  const t = (key: PanicKey, facts: Record<string, string | number> = {}) => (english ? panicEn[key] : fullWidth(panicZh[key])).replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? ""));

  const place = made("h1", "panic-place");
  const language = made("button", "panic-language");
  const sign = made("span", "panic-sign");
  sign.ariaHidden = "true";
  const title = made("b", "panic-title");
  const help = made("p", "panic-help");
  const giveUp = made("button", "panic-give-up");
  const status = made("section", "panic-status", sign, made("div", "panic-words", title, help, giveUp));
  status.setAttribute("role", "status");
  status.ariaLive = "assertive";
  const press = made("b", "panic-press");
  const long = made("small", "panic-long");
  const button = made("button", "panic-button", press, long);
  button.type = language.type = giveUp.type = "button";
  const text = made("input", "panic-text");
  text.maxLength = 60;
  text.autocomplete = "off";
  const position = box("panic-position");
  const trial = box("panic-trial");
  const call = made("a", "panic-call");
  call.href = "tel:110";
  const main = made("main", "panic", made("header", "panic-head", place, language), status, made("div", "panic-middle", button), made("div", "panic-more", text, position.label, trial.label), call);
  root.replaceChildren(main);

  const show = () => {
    const now = statusOf(calling.sent, calling.node, Date.now());
    document.documentElement.lang = english ? "en" : "zh-CN";
    document.title = t("panic.title");
    place.textContent = calling.node.kind === "known" ? calling.node.place.place : t("panic.title");
    language.textContent = t("panic.language");
    status.dataset.state = main.dataset.state = now.name;
    status.dataset.tone = now.tone;
    sign.textContent = now.sign;
    const facts = { attempt: now.attempt ?? 0, time: now.at === undefined ? "" : clockOf(now.at), why: (english ? now.why?.en : now.why?.zh) ?? "" };
    const words = { title: t(now.name === "connecting" ? "panic.connecting" : `panic.${now.name}`), help: now.name === "connecting" ? "" : t(now.name === "ready" && trial.input.checked ? "panic.ready.trial" : `panic.${now.name}.help`, facts) };
    if (title.textContent !== words.title) title.textContent = words.title; // said aloud once
    if (help.textContent !== words.help) help.textContent = words.help;
    giveUp.hidden = now.name !== "failing";
    giveUp.textContent = t("panic.giveUp");
    const sending = now.name === "sending" || now.name === "failing";
    button.disabled = sending || now.name === "invalid";
    button.dataset.held = String(holding);
    main.dataset.trial = String(trial.input.checked);
    press.textContent = t(sending ? "panic.sendingNow" : holding ? "panic.holding" : trial.input.checked ? "panic.hold.trial" : "panic.hold");
    long.textContent = sending ? "" : t("panic.hold.long");
    text.placeholder = text.ariaLabel = t("panic.text");
    trial.words.textContent = t("panic.trial");
    const { found } = where;
    position.input.checked = found.kind !== "off";
    position.words.textContent = [t("panic.position"), found.kind === "off" ? "" : found.kind === "found" ? t("panic.position.found", { metres: found.fix.accuracy_m }) : t(`panic.position.${found.kind}`)].filter((one) => one !== "").join(" · ");
    call.textContent = t("panic.call");
  };
  const where = new Position(() => show());
  const calling = new Calling(tokenOf(location.hash), () => show());

  const hold = (now: boolean) => {
    holding = now;
    show();
  };
  held(
    button,
    () => hold(true),
    () => hold(false),
    () => {
      calling.press(trial.input.checked, text.value.trim(), where.fix);
      text.value = "";
      trial.input.checked = false; // the next one is meant
      show();
    },
  );
  held(
    giveUp,
    () => undefined,
    () => undefined,
    () => calling.giveUp(),
  );
  language.addEventListener("click", () => {
    english = !english;
    localStorage.setItem(LANGUAGE, english ? "en" : "zh-CN");
    show();
  });
  trial.input.addEventListener("change", show);
  position.input.addEventListener("change", () => where.turn(position.input.checked));
  window.addEventListener("hashchange", () => location.reload()); // another link was opened in this tab
  show();
  where.start();
  calling.start();
}
