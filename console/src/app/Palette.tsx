import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useWords } from "../ui/language";
import { useMay } from "../ui/signed-in";
import { StatusMark } from "../ui/status";
import { areaToWall, cameraToWall } from "../ui/to-wall";
import { usePaletteItems, type Item } from "./palette-items";

interface Props {
  onClose: () => void;
  onKeys: () => void;
}

/** Finds whatever the console has by its name: a page, an area, a camera, an act. Enter opens the first. */
export function Palette({ onClose, onKeys }: Props) {
  const { t } = useWords();
  const navigate = useNavigate();
  const watches = useMay()("view-live");
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  /** Enter before the node has answered waits for the answer. */
  const [hasty, setHasty] = useState<"wall" | "page">();
  const { items, cameras, asking } = usePaletteItems(text, onKeys);
  const active = Math.min(at, Math.max(0, items.length - 1));
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    void list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active, items.length]);

  const open = (item: Item, asPage: boolean) => {
    onClose();
    if (item.kind === "act") return item.run();
    if (item.kind === "page") return void navigate({ to: item.path });
    if (item.kind === "camera" && (asPage || !watches)) return void navigate({ to: "/cameras/$code", params: { code: item.code } });
    if (item.kind === "camera") cameraToWall({ code: item.code, name: item.name, ptz: item.ptz });
    else areaToWall(item.code);
    void navigate({ to: "/" });
  };
  const go = useRef(open);
  useEffect(() => {
    go.current = open;
  });
  const first = items[0];
  useEffect(() => {
    if (hasty === undefined || asking) return;
    setHasty(undefined);
    if (first !== undefined) go.current(first, hasty === "page");
  }, [hasty, asking, first]);
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return; // Enter ends the input of a Chinese word
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    const item = items[active];
    if (step !== undefined) setAt(Math.max(0, Math.min(items.length - 1, active + step)));
    else if (event.key !== "Enter") return;
    else if (item !== undefined && !(asking && active === 0 && item.kind === "act")) open(item, event.shiftKey);
    else setHasty(event.shiftKey ? "page" : "wall");
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label={t("palette.label")} data-testid="palette" onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div className="palette-sheet" onKeyDown={onKey}>
        <input
          autoFocus
          type="text"
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={items.length > 0 ? `palette-${active}` : undefined}
          aria-label={t("palette.label")}
          placeholder={t("palette.hint")}
          data-testid="palette-text"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
            setHasty(undefined);
          }}
        />
        <ul ref={list} id="palette-list" role="listbox" aria-label={t("palette.label")}>
          {items.map((item, index) => (
            <li key={`${item.kind} ${item.key}`} id={`palette-${index}`} role="option" aria-selected={index === active} data-testid={`found-${item.key}`} onPointerMove={() => setAt(index)} onClick={(event) => open(item, event.shiftKey)}>
              <span className="palette-kind">{t(`palette.${item.kind}`)}</span>
              {item.kind === "camera" && <StatusMark status={item.status} />}
              <span className="palette-name">{item.name}</span>
              <span className="palette-beside">{item.beside}</span>
            </li>
          ))}
        </ul>
        <div className="palette-foot" role="status">
          {asking ? t("loading") : items.length === 0 ? t("palette.none", { text }) : cameras > items.filter(({ kind }) => kind === "camera").length ? t("palette.more", { count: cameras, shown: items.filter(({ kind }) => kind === "camera").length }) : t(watches ? "palette.keys" : "palette.keys.plain")}
        </div>
      </div>
    </dialog>
  );
}
