import { Select, Switch } from "antd";
import { useWords } from "../../ui/language";
import { useZone, whichOf, written } from "../../ui/zone";
import type { Playing } from "../../ui/footage/conductor";
import { BACKWARD, FORWARD } from "../../ui/footage/pieces";
import type { PlaybackActs } from "./use-playback-keys";

interface Props {
  now: Playing;
  acts: PlaybackActs;
  looping: boolean;
  jumps: boolean;
  onSpeed: (speed: number) => void;
  onJumps: (jumps: boolean) => void;
}

const fraction = (speed: number) => (Math.abs(speed) < 1 ? `1/${Math.round(1 / Math.abs(speed))}` : `${Math.abs(speed)}`);

/** What one does with the clock of all cameras. */
export function Controls({ now, acts, looping, jumps, onSpeed, onJumps }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const button = (label: string, key: string, sign: string, act: () => void, testId?: string, pressed?: boolean) => (
    <button title={`${label} (${key})`} aria-label={label} aria-pressed={pressed} data-testid={testId} onClick={act}>
      {sign}
    </button>
  );
  return (
    <div className="playback-controls" role="toolbar" aria-label={t("playback.controls")}>
      {button(t("playback.lastFootage"), "Shift+N", "|◀", () => acts.nextFootage(-1), "last-footage")}
      {button(t("playback.picture.back"), ",", "◁|", () => acts.picture(-1), "step-back")}
      {button(t("playback.backwards"), "R", "◀", acts.backwards, "backwards", now.playing && now.speed < 0)}
      {button(t(now.playing ? "playback.pause" : "playback.play"), "Space", now.playing ? "▮▮" : "▶", acts.playOrPause, "play", now.playing)}
      {button(t("playback.picture.on"), ".", "|▷", () => acts.picture(1), "step-on")}
      {button(t("playback.nextFootage"), "N", "▶|", () => acts.nextFootage(1), "next-footage")}
      {button(t("finding.last"), "Shift+A", "|◂∿", () => acts.nextActivity(-1), "last-activity")}
      {button(t("finding.next"), "A", "∿▸|", () => acts.nextActivity(1), "next-activity")}
      {button(t("playback.loop"), "L", "↻", acts.loop, "loop", looping)}
      <span className="playback-marks">
        {button(t("clip.in"), "I", "[", acts.markIn, "mark-in")}
        {button(t("clip.out"), "O", "]", acts.markOut, "mark-out")}
        {button(t("clip.open"), "E", "⤓", acts.openClips, "open-clips")}
        {button(t("finding.title"), "D", "◫", acts.findChanges, "open-changes")}
      </span>
      <span className="playback-marks">
        {button(t("mark.last"), "Shift+M", "◁⚑", () => acts.nextMark(-1), "last-mark")}
        {button(t("mark.here"), "B", "⚑", acts.bookmark, "bookmark")}
        {button(t("mark.next"), "M", "⚑▷", () => acts.nextMark(1), "next-mark")}
      </span>
      <Select<number>
        size="small"
        value={now.speed}
        aria-label={t("playback.speed")}
        data-testid="speed"
        popupMatchSelectWidth={false}
        options={[...FORWARD, ...BACKWARD].map((speed) => ({ value: speed, label: `${speed < 0 ? "◀ " : ""}${fraction(speed)}×${speed > 4 || speed < 0 ? ` ${t("playback.keys")}` : ""}` }))}
        onChange={onSpeed}
      />
      <label className="playback-jumps">
        <Switch size="small" checked={jumps} onChange={onJumps} /> {t("playback.jumps")}
      </label>
      <output className="playback-clock" data-testid="playback-clock" data-playing={now.playing} data-waiting={now.waiting}>
        {[written(now.atUs / 1_000, zone), whichOf(now.atUs / 1_000, zone)].join(" ").trim()}
      </output>
    </div>
  );
}
