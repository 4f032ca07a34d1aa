import { Link } from "@tanstack/react-router";
import { ApiProblem } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { EditFile } from "./EditFile";
import "./files.css";
import { useDeviceFile, useFileFields } from "./use-files";

/** One file, or an empty one for a point that has none yet. */
export function FilePage({ code }: { code: string }) {
  const { t } = useWords();
  const may = useMay();
  const fields = useFileFields();
  const found = useDeviceFile(code);
  const missing = found.error instanceof ApiProblem && found.error.problem.code === "file.unknown";
  if (found.isError && found.data === undefined && !(missing && may("manage-devices"))) return <Refused error={found.error} extra={<Link to="/files">{t("file.back")}</Link>} />;
  if (fields === undefined || (found.data === undefined && !missing)) return <div className="hint">{t("loading")}</div>;
  return <EditFile key={`${code} ${found.data?.version ?? 0}`} code={code} file={missing ? undefined : found.data} fields={fields} />;
}
