import { useQuery } from "@tanstack/react-query";
import { App, Popover } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import type { Wall } from "../../ui/wall-state";
import { goesRound, orderOfTour } from "./tours";
import type { RunningTour } from "./use-tour";
import { orderOf } from "./use-views";

type Screen = Schemas["ScreenShape"];
const NO_TOUR = { name: "", steps: [], from_step: 0 };
const LOOK_MS = 5000;

/** The screens that what is seen here, this wall or the tour that goes round on it, can be sent to, each with what it shows and who drives it; and a window more. */
export function SendTo({ wall, tour }: { wall: Wall; tour: RunningTour | undefined }) {
  const { t } = useWords();
  const { notification } = App.useApp();
  const { act } = useAct();
  const [open, setOpen] = useState(false);
  const found = useQuery({ queryKey: ["screens"], queryFn: () => body(api.GET("/api/v1/screens")), enabled: open, refetchInterval: LOOK_MS, staleTime: 0 });
  const screens = found.data?.items ?? [];
  const next = Array.from({ length: 99 }, (_, at) => at + 1).find((number) => screens.every((one) => !one.own || one.number !== number)) ?? 1;
  const round = goesRound(tour) ? tour : undefined;
  const send = (screen: Screen) =>
    act(async () => {
      const whole = round && (await orderOfTour(round));
      const { refused } = await body(api.POST("/api/v1/screens/{screen}/wall", { params: { path: { screen: screen.id } }, body: { ...orderOf(wall), ...(whole ?? NO_TOUR) } }));
      const tooLarge = round !== undefined && whole === undefined;
      const description = [...(tooLarge ? [t("screen.sent.tooLarge")] : []), ...(refused > 0 ? [t("screen.sent.refused", { count: refused, person: screen.person })] : [])].join(" ");
      notification[description === "" ? "success" : "warning"]({ title: t(whole === undefined ? "screen.sent" : "screen.sent.tour", { number: screen.number }), description, placement: "bottomRight" });
      setOpen(false);
    });
  const list = (
    <div className="screens" data-testid="screens">
      {found.isSuccess && screens.length === 0 && <p className="quiet">{t("screen.none")}</p>}
      {screens.map((one) => (
        <button key={one.id} className="screen-line" disabled={!one.there} data-testid={`screen-${one.number}`} onClick={() => void send(one)}>
          <b>{one.number}</b>
          <span className="grow">
            {one.name === "" ? t("screen.unnamed", { number: one.number }) : one.name}
            <small className="quiet">{[one.own ? t("screen.own") : one.person, one.there ? t("screen.pictures", { count: one.pictures }) : t("screen.away"), ...(one.driven_by === "" ? [] : [t("screen.driven", { name: one.driven_by })])].join(" · ")}</small>
          </span>
        </button>
      ))}
      <button className="screen-line new" data-testid="screen-new" onClick={() => window.open(`/screen/${next}`, `fengsui-screen-${next}`)}>
        {t("screen.new", { number: next })}
      </button>
      <button className="screen-line new" data-testid="spot-window" onClick={() => window.open("/spot", "fengsui-spot")}>
        {t("screen.spot")}
      </button>
    </div>
  );
  return (
    <Popover trigger="click" open={open} onOpenChange={setOpen} content={list} title={t(round === undefined ? "screen.send.title" : "screen.send.tour")} placement="bottomLeft">
      <button data-testid="send-to" aria-haspopup="dialog" aria-expanded={open}>
        {t("screen.send")}
      </button>
    </Popover>
  );
}
