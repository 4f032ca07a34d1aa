import { useEffect, useRef, useState } from "react";
import { api, ApiProblem, body, type Problem } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { ScreenMark } from "../../ui/player/ScreenMark";
import "../../ui/player/player.css";
import { useZone, written } from "../../ui/zone";
import type { Conductor } from "./conductor";
import { FootagePlayer, type PlayerState } from "./footage-player";
import type { CameraFootage } from "./use-footage";

interface Props {
  code: string;
  name: string;
  footage: CameraFootage;
  conductor: Conductor | undefined;
  active: boolean;
  onSelect: () => void;
  onClose: () => void;
  onTicket: () => void;
}

const LOOK_MS = 100;

/** One camera's recorded picture with its own date and time, or why there is none. */
export function PlaybackTile({ code, name, footage, conductor, active, onSelect, onClose, onTicket }: Props) {
  const { t, pick } = useWords();
  const zone = useZone();
  const video = useRef<HTMLVideoElement>(null);
  const shownUs = useRef<number>(undefined);
  const [shown, setShown] = useState<number>();
  const [state, setState] = useState<PlayerState>("waiting");
  const [problem, setProblem] = useState<Problem>();
  const [again, setAgain] = useState(0);
  const { fromUs, toUs } = footage.period ?? { fromUs: 0, toUs: 0 };
  useEffect(() => {
    const element = video.current;
    if (conductor === undefined || element === null || fromUs === toUs) return;
    let player: FootagePlayer | undefined;
    let session: string | undefined;
    let gone = false;
    setProblem(undefined);
    const order = { from: new Date(fromUs / 1_000).toISOString(), to: new Date(toUs / 1_000).toISOString(), stream: "main" as const };
    void body(api.POST("/api/v1/cameras/{code}/playback", { params: { path: { code } }, body: order })).then(
      (opened) => {
        ({ session } = opened);
        if (gone) return void api.DELETE("/api/v1/playback/{session}", { params: { path: { session } } }).catch(() => undefined);
        const period = { fromUs: Date.parse(opened.from) * 1_000, toUs: Date.parse(opened.to) * 1_000 };
        player = new FootagePlayer(opened.url, element, period, {
          onShown: (at) => void (shownUs.current = at),
          onEnd: (why) => {
            session = undefined;
            conductor.players.delete(code);
            shownUs.current = undefined;
            setProblem(why ?? ENDED);
          },
        });
        conductor.players.set(code, player);
      },
      (error: unknown) => {
        if (!(error instanceof ApiProblem)) throw error;
        if (!gone) setProblem(error.problem);
      },
    );
    const timer = setInterval(() => {
      setShown(shownUs.current);
      setState(conductor.states.get(code) ?? "waiting");
    }, LOOK_MS);
    return () => {
      gone = true;
      clearInterval(timer);
      conductor.players.delete(code);
      conductor.states.delete(code);
      player?.close(); // by which the playback ends, once the node hears of it
      if (session !== undefined && player === undefined) void api.DELETE("/api/v1/playback/{session}", { params: { path: { session } } }).catch(() => undefined);
    };
  }, [code, conductor, fromUs, toUs, again]);
  const without = footage.period === undefined && !footage.pending;
  const refused = problem ?? (footage.error instanceof ApiProblem ? footage.error.problem : undefined);
  const kind = without ? "ticket" : refused !== undefined ? "refused" : state;
  return (
    <div className={active ? "tile active" : "tile"} data-testid={`playback-${code}`} data-state={kind} data-shown-us={shown === undefined ? "" : Math.round(shown)} onClick={onSelect}>
      <video ref={video} muted playsInline disablePictureInPicture onContextMenu={(event) => event.preventDefault()} />
      <ScreenMark />
      <div className="title">
        <span className="name">{name}</span>
        <span className="actions">
          <button title={t("playback.close")} aria-label={t("playback.close")} onClick={onClose}>
            ✕
          </button>
        </span>
      </div>
      {shown !== undefined && kind !== "ticket" && kind !== "refused" && (
        <div className="picture-time" data-testid="picture-time">
          {written(shown / 1_000, zone)}
          <small>.{String(Math.floor(shown / 1_000) % 1_000).padStart(3, "0")}</small>
        </div>
      )}
      {kind !== "showing" && (
        <div className="message">
          {kind === "ticket" && (
            <>
              <b>{t("playback.noTicket")}</b>
              <small>{t("playback.noTicket.help")}</small>
              <button className="again" data-testid="ask-ticket" onClick={onTicket}>
                {t("ticket.open")}
              </button>
            </>
          )}
          {kind === "refused" && refused !== undefined && (
            <>
              <b>{pick(refused.zh, refused.en)}</b>
              <small>{pick(refused.remedy_zh, refused.remedy_en)}</small>
              <button className="again" onClick={() => setAgain(again + 1)}>
                {t("playback.again")}
              </button>
            </>
          )}
          {kind === "missing" && <b>{t("playback.missing")}</b>}
          {kind === "over" && <b>{t("playback.over")}</b>}
          {kind === "waiting" && <b>{t("loading")}</b>}
        </div>
      )}
    </div>
  );
}

const ENDED: Problem = {
  status: 0,
  code: "playback.ended",
  zh: "回放已中断",
  en: "The playback was cut",
  remedy_zh: "使用单到期、关闭或连接中断时回放会结束;请检查使用单后重新打开",
  remedy_en: "It ends with its use ticket, and with the connection: look at the ticket and open it again",
};
