import { Link } from "@tanstack/react-router";
import type { CSSProperties, MouseEvent } from "react";
import { FileMark } from "../../ui/files/FileMark";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { StatusMark } from "../../ui/status";
import { cameraToMap } from "../../ui/to-map";
import { cameraToWall } from "../../ui/to-wall";
import type { Row } from "./filter";

interface Props {
  index: number;
  /** Undefined while it is fetched. */
  row: Row | undefined;
  active: boolean;
  chosen: boolean;
  style: CSSProperties;
  /** `box`: on the mark that says whether it is chosen. */
  onClick: (event: MouseEvent, box: boolean) => void;
  onTag: (tag: string) => void;
}

const TAGS_SHOWN = 2;

/** One camera, with the ways to its picture, its place and its file. */
export function ListRow({ index, row, active, chosen, style, onClick, onTag }: Props) {
  const { t } = useWords();
  const may = useMay();
  const same = { id: `list-row-${index}`, style, role: "row", "aria-rowindex": index + 2 } as const;
  if (row === undefined)
    return (
      <div {...same} className="list-row waiting" aria-busy>
        <span role="gridcell" aria-label={t("loading")} />
      </div>
    );
  const placed = row.longitude !== null && row.latitude !== null;
  return (
    <div {...same} className={["list-row", chosen ? "chosen" : "", active ? "at" : ""].join(" ")} aria-selected={chosen} data-testid={`row-${row.code}`} onClick={(event) => onClick(event, event.target instanceof HTMLInputElement)}>
      <span role="gridcell">
        <input type="checkbox" tabIndex={-1} checked={chosen} aria-label={t("list.choose", { name: row.name })} data-testid={`choose-${row.code}`} onChange={() => undefined} />
      </span>
      <span role="gridcell" className="name" title={row.name}>
        <Link to="/cameras/$code" params={{ code: row.code }} tabIndex={-1}>
          {row.name}
        </Link>
      </span>
      <span role="gridcell" className="figures">
        {row.code}
      </span>
      <span role="gridcell" title={`${row.area_name} ${row.area}`}>
        {row.area_name}
      </span>
      <span role="gridcell" className={row.class_said ? "" : "quiet"} title={t(row.class_said ? "list.classSaid" : "list.classUnsaid", { name: t(`class.${row.camera_class}`) })}>
        {t(`list.class.${row.camera_class}`)}
        {!row.class_said && "*"}
      </span>
      <span role="gridcell">
        <StatusMark status={row.status} withText />
      </span>
      <span role="gridcell" title={`${row.device_name}\n${row.device}`}>
        <Link to="/devices/$code" params={{ code: row.device }} tabIndex={-1}>
          {row.device_name || row.device}
        </Link>
      </span>
      <span role="gridcell" className="tags" title={row.tags.join("\n")}>
        {row.tags.slice(0, TAGS_SHOWN).map((tag) => (
          <button
            key={tag}
            className="tag"
            tabIndex={-1}
            title={t("list.onlyTag", { tag })}
            onClick={(event) => {
              event.stopPropagation();
              onTag(tag);
            }}
          >
            {tag}
          </button>
        ))}
        {row.tags.length > TAGS_SHOWN && <span className="quiet">+{row.tags.length - TAGS_SHOWN}</span>}
      </span>
      <span role="gridcell" title={placed ? `${row.longitude?.toFixed(6) ?? ""}, ${row.latitude?.toFixed(6) ?? ""}` : t("list.noPlace")}>
        {placed ? "✓" : <span className="lacks">—</span>}
      </span>
      <span role="gridcell" title={row.file_waits ? t("list.fileWaits") : undefined}>
        {row.file === null ? <span className="quiet">{t("list.noFile")}</span> : <FileMark state={row.file} />}
        {row.file_waits && " ◔"}
      </span>
      <span role="gridcell" className="links">
        {may("view-live") && (
          <Link to="/" tabIndex={-1} title={t("list.toWall")} aria-label={t("list.toWall")} data-testid={`wall-${row.code}`} onClick={() => cameraToWall({ code: row.code, name: row.name, ptz: row.ptz_type })}>
            ▦
          </Link>
        )}
        {placed && (
          <Link to="/situation" tabIndex={-1} title={t("list.toMap")} aria-label={t("list.toMap")} data-testid={`map-${row.code}`} onClick={() => cameraToMap(row.code)}>
            ◎
          </Link>
        )}
        <Link to="/files/$code" params={{ code: row.code }} tabIndex={-1} title={t("list.toFile")} aria-label={t("list.toFile")} data-testid={`file-${row.code}`}>
          ▤
        </Link>
      </span>
    </div>
  );
}
