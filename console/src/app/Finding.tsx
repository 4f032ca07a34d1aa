import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useWords } from "../ui/language";
import { useOwnNotices } from "../ui/own-notices";
import { keyName, useFrameKeys } from "../ui/shortcuts";
import { alarmToDesk } from "../ui/to-alarm";
import { Palette } from "./Palette";
import "./palette.css";

const KeyMap = lazy(() => import("./KeyMap").then(({ KeyMap: component }) => ({ default: component })));

/** The palette and the map of keys, each opened by its key, and the palette by its button too. */
export function Finding() {
  const { t } = useWords();
  /** A new object for each opening: the word that one has closed comes a moment late, and must not close the next. */
  const [open, setOpen] = useState<{ what: "palette" | "keys" }>();
  const close = () => setOpen((now) => (now === open ? undefined : now));
  const keys = () => setOpen({ what: "keys" });
  const navigate = useNavigate();
  const told = useOwnNotices().find((one) => one.may_open);
  const notice = () => {
    if (told === undefined) return;
    alarmToDesk(told.alarm);
    void navigate({ to: "/alarms" });
  };
  useFrameKeys({ palette: () => setOpen((now) => (now?.what === "palette" ? now : { what: "palette" })), keys, notice });
  return (
    <>
      <button className="find" data-testid="palette-open" title={t("palette.label")} onClick={() => setOpen({ what: "palette" })}>
        <span>{t("palette.open")}</span> <kbd>{keyName("Mod")}</kbd>
        <kbd>K</kbd>
      </button>
      {open?.what === "palette" && <Palette onClose={close} onKeys={keys} />}
      {open?.what === "keys" && (
        <Suspense>
          <KeyMap onClose={close} />
        </Suspense>
      )}
    </>
  );
}
