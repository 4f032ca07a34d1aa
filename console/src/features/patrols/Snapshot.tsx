import { useWords } from "../../ui/language";

/** A kept picture of a finding. The node looks at the right to the camera, and each look is on record: so it is fetched by a click. */
export function SnapshotLink({ camera, digest }: { camera: string; digest: string }) {
  const { t } = useWords();
  if (digest === "") return null;
  return (
    <a href={`/api/v1/cameras/${camera}/patrol-snapshot?digest=${digest}`} target="_blank" rel="noreferrer" className="page-link" data-testid="snapshot-link">
      {t("patrol.snapshot.open")}
    </a>
  );
}
