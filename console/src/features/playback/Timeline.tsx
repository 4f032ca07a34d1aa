import { useMemo, useState, type MouseEvent, type PointerEvent, type ReactNode } from "react";
import { useWords } from "../../ui/language";
import { useZone, wallTime } from "../../ui/zone";
import { ActivityCurve } from "./ActivityCurve";
import type { Curve } from "./activity";
import { ticksOf, within } from "./day";
import { PointerPicture, type Pointed } from "./PointerPicture";
import type { Conductor } from "../../ui/footage/conductor";
import type { Period } from "../../ui/footage/pieces";
import type { Stream, Twice } from "./streams";

export interface Lane {
  code: string;
  name: string;
  /** What one may play. */
  periods: readonly Period[];
  /** Without a stream: of a device. */
  spans: readonly (Period & { stream?: Stream })[];
  /** What of them was fetched from the device, and where a picture was met that is damaged. */
  fetched: readonly Period[];
  damaged: readonly Period[];
  /** What of them was recorded more than once. */
  twice: readonly Twice[];
  /** They are on the device, not here. */
  device: boolean;
  /** How much moves, as far as it is known. */
  curves: readonly Curve[];
}

interface Props {
  lanes: readonly Lane[];
  window: Period;
  atUs: number;
  loop: Period | undefined;
  /** In and out of a clip. */
  clip: Period | undefined;
  /** Whose players give the picture under the pointer. */
  conductor: Conductor | undefined;
  onSeek: (atUs: number) => void;
  /** What stands over the lanes. */
  children?: ReactNode;
}

/** As high as its style makes a lane. */
const LANE_PX = 22;

/** A day's footage, a lane a camera: what is recorded, what no ticket opens, and where one is. A click goes there. */
export function Timeline({ lanes, window, atUs, loop, clip, conductor, onSeek, children }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const length = window.toUs - window.fromUs;
  const clock = (at: number) => wallTime(at / 1_000, zone).slice("2026-11-26T".length);
  const ticks = useMemo(() => ticksOf({ fromUs: window.fromUs, toUs: window.toUs }, zone), [window.fromUs, window.toUs, zone]);
  const here = within(window, { fromUs: atUs, toUs: atUs + length / 1_000 });
  const loops = loop && within(window, loop);
  const clips = clip && within(window, clip);
  const click = (event: MouseEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(window.fromUs + ((event.clientX - box.left) / box.width) * length);
  };
  const [pointed, setPointed] = useState<Pointed>();
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const lane = lanes[Math.max(0, Math.floor((event.clientY - box.top) / LANE_PX) - 1)];
    if (lane === undefined || event.pointerType === "touch") return setPointed(undefined);
    setPointed({ code: lane.code, name: lane.name, atUs: window.fromUs + ((event.clientX - box.left) / box.width) * length, x: event.clientX, top: box.top });
  };
  return (
    <div className="timeline">
      <div className="timeline-names" aria-hidden>
        <span />
        {lanes.map((lane) => (
          <span key={lane.code} title={lane.name}>
            {lane.name}
          </span>
        ))}
      </div>
      <div
        className="timeline-lanes"
        role="slider"
        tabIndex={0}
        aria-label={t("playback.timeline")}
        aria-valuemin={Math.round(window.fromUs / 1e6)}
        aria-valuemax={Math.round(window.toUs / 1e6)}
        aria-valuenow={Math.round(atUs / 1e6)}
        aria-valuetext={clock(atUs)}
        data-testid="timeline"
        onClick={click}
        onPointerMove={point}
        onPointerLeave={() => setPointed(undefined)}
      >
        <div className="timeline-ticks" aria-hidden>
          {ticks.map((tick) => (
            <span key={tick.left} style={{ left: tick.left }}>
              {clock(tick.atUs).slice(0, length > 3_600_000_000 ? 5 : 8)}
            </span>
          ))}
        </div>
        {lanes.map((lane) => (
          <div key={lane.code} className="timeline-lane" data-testid={`lane-${lane.code}`}>
            {lane.periods.map((part) => {
              const place = within(window, part);
              return place && <i key={part.fromUs} className="timeline-open" style={place} />;
            })}
            {lane.spans.map((span) => {
              const place = within(window, span);
              return place && <i key={span.fromUs} className={lane.device ? "timeline-span of-device" : "timeline-span"} data-testid="span" style={place} title={`${clock(span.fromUs)} – ${clock(span.toUs)}${span.stream === "sub" ? ` · ${t("camera.sub")}` : ""}`} />;
            })}
            {[lane.fetched, lane.damaged].map((parts, kind) =>
              parts.map((part) => {
                const [place, name] = [within(window, part), kind === 0 ? "fetched" : "damaged"] as const;
                return place && <i key={`${name}${part.fromUs}`} className={`timeline-${name}`} data-testid={name} style={place} title={t(`playback.timeline.${name}`, { from: clock(part.fromUs), to: clock(part.toUs) })} />;
              }),
            )}
            {lane.twice.map((part) => {
              const place = within(window, part);
              return place && <i key={`twice${part.fromUs}`} className="timeline-twice" data-testid="twice" style={place} title={t("playback.timeline.twice", { from: clock(part.fromUs), to: clock(part.toUs), times: part.times })} />;
            })}
            {lane.curves.map((curve) => (
              <ActivityCurve key={curve.period.fromUs} curve={curve} window={window} />
            ))}
          </div>
        ))}
        {loops !== undefined && <i className="timeline-loop" style={loops} />}
        {clips !== undefined && <i className="timeline-clip" data-testid="timeline-clip" style={clips} />}
        {here !== undefined && <i className="timeline-here" style={{ left: here.left }} />}
      </div>
      {children}
      {pointed !== undefined && <PointerPicture key={pointed.code} pointed={pointed} conductor={conductor} />}
    </div>
  );
}
