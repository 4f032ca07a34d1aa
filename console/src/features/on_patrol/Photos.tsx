import { useWords } from "../../ui/language";
import type { Task } from "./steps";
import type { KeptPhotos } from "./use-photos";

/** A photo of the place, taken now or from the phone; how many the desk has, and does not. */
export function Photos({ photos, task }: { photos: KeptPhotos; task: Task }) {
  const { t, pick } = useWords();
  const { waiting, problem, noRoom, take } = photos;
  return (
    <div className="patrol-photos">
      <label className="patrol-photo">
        {t("patrol.photo.take")}
        <input type="file" accept="image/*" capture="environment" data-testid="patrol-photo" onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen !== undefined) void take(task.id, chosen);
          target.value = "";
        }} />
      </label>
      {waiting > 0 && <p className="notice" role="status" data-testid="patrol-photos-kept">{t("patrol.photo.kept", { count: waiting })}</p>}
      {task.photos.length > 0 && <p className="quiet" role="status" data-testid="patrol-photos-sent">{t("patrol.photo.sent", { count: task.photos.length })}</p>}
      {noRoom && <p className="notice" role="alert">{t("patrol.photo.noRoom")}</p>}
      {problem !== undefined && <p className="notice" role="alert" data-testid="patrol-photo-refused">{t("patrol.photo.refused", { why: pick(problem.zh, problem.en) })}</p>}
    </div>
  );
}
