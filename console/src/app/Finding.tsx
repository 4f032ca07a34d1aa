import { lazy, Suspense, useState } from "react";
import { useWords } from "../ui/language";
import { keyName, useFrameKeys } from "../ui/shortcuts";
import { Palette } from "./Palette";
import "./palette.css";

const KeyMap = lazy(() => import("./KeyMap").then(({ KeyMap: component }) => ({ default: component })));

/** The palette and the map of keys, each opened by its key, and the palette by its button too. */
export function Finding() {
  const { t } = useWords();
  const [open, setOpen] = useState<"palette" | "keys">();
  const close = () => setOpen(undefined);
  const keys = () => setOpen("keys");
  useFrameKeys({ palette: () => setOpen("palette"), keys });
  return (
    <>
      <button className="find" data-testid="palette-open" title={t("palette.label")} onClick={() => setOpen("palette")}>
        <span>{t("palette.open")}</span> <kbd>{keyName("Mod")}</kbd>
        <kbd>K</kbd>
      </button>
      {open === "palette" && <Palette onClose={() => setOpen((old) => (old === "palette" ? undefined : old))} onKeys={keys} />}
      {open === "keys" && (
        <Suspense>
          <KeyMap onClose={close} />
        </Suspense>
      )}
    </>
  );
}
