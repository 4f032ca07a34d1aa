import { Input, Popover } from "antd";
import { useState } from "react";
import { useWords } from "../../ui/language";
import type { Chosen } from "./chosen";
import type { Withdrawn } from "./use-withdrawn";

/** What was recorded of cameras that are in no tree any more. */
export function WithdrawnMenu({ withdrawn, onOpen }: { withdrawn: Withdrawn; onOpen: (camera: Chosen) => void }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  if (withdrawn.total === 0) return null;
  const list = (
    <div className="playback-withdrawn">
      <Input size="small" allowClear value={withdrawn.asked} placeholder={t("playback.withdrawn.search")} aria-label={t("playback.withdrawn.search")} onChange={(event) => withdrawn.ask(event.target.value)} />
      <ul>
        {withdrawn.items.map((one) => (
          <li key={one.code}>
            <button
              data-testid={`withdrawn-${one.code}`}
              onClick={() => {
                setOpen(false);
                onOpen({ code: one.code, name: one.name });
              }}
            >
              {one.name} <span className="quiet">{`${one.area_name} · ${t("playback.withdrawn.at", { day: one.withdrawn_at.slice(0, 10) })}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {withdrawn.more !== undefined && (
        <button className="quiet" data-testid="more-withdrawn" onClick={withdrawn.more}>
          {t("file.more", { shown: withdrawn.items.length, total: withdrawn.fitting })}
        </button>
      )}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomLeft" open={open} onOpenChange={setOpen} content={list}>
      <button className="playback-map-button" aria-haspopup="dialog" aria-expanded={open} title={t("playback.withdrawn")} data-testid="playback-withdrawn">
        {t("playback.withdrawn.button", { count: withdrawn.total })}
      </button>
    </Popover>
  );
}
