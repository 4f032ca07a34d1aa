import { useEffect, useRef, type KeyboardEvent } from "react";
import { useWords } from "../language";
import { keyName } from "../shortcuts";
import type { RowAct } from "./row-acts";

interface Props {
  acts: readonly RowAct[];
  /** Of the row or the pointer, in the window. */
  at: { x: number; y: number };
  /** `back`: the focus returns to the tree. */
  onLeave: (back: boolean) => void;
}

const EDGE_PX = 8;

/** What can be done with a row, each with its key. */
export function TreeMenu({ acts, at, onLeave }: Props) {
  const { t } = useWords();
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const self = menu.current;
    if (self === null) return;
    const { width, height } = self.getBoundingClientRect();
    self.style.left = `${Math.max(EDGE_PX, Math.min(at.x, window.innerWidth - width - EDGE_PX))}px`;
    self.style.top = `${Math.max(EDGE_PX, Math.min(at.y, window.innerHeight - height - EDGE_PX))}px`;
    self.querySelector("button")?.focus();
  }, [at]);
  useEffect(() => {
    const leave = (event: PointerEvent) => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) onLeave(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [onLeave]);
  const go = (to: (at: number, count: number) => number) => {
    const items = [...(menu.current?.querySelectorAll("button") ?? [])];
    items[to(items.indexOf(document.activeElement as HTMLButtonElement), items.length)]?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, () => void> = {
      ArrowDown: () => go((now, count) => (now + 1) % count),
      ArrowUp: () => go((now, count) => (now - 1 + count) % count),
      Home: () => go(() => 0),
      End: () => go((_, count) => count - 1),
      Escape: () => onLeave(true),
      Tab: () => onLeave(true),
    };
    event.stopPropagation();
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
  };
  return (
    <div ref={menu} className="tree-menu" role="menu" aria-label={t("tree.menu")} data-testid="tree-menu" onKeyDown={onKey} onContextMenu={(event) => event.preventDefault()}>
      {acts.map((act) => (
        <button
          key={act.label}
          type="button"
          role="menuitem"
          className={act.danger === true ? "danger" : ""}
          data-testid={act.label}
          onClick={() => {
            onLeave(true);
            act.run();
          }}
        >
          <span>{t(act.label)}</span>
          <kbd>{act.keys.map(keyName).join(" + ")}</kbd>
        </button>
      ))}
    </div>
  );
}
