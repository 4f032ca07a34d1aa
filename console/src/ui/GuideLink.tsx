import { useWords } from "./language";

/** Where the node serves a place of the guide: `file#section` of docs/guide. */
export function guideAddress(place: string): string {
  const [file = "", section = ""] = place.split("#");
  return `/help/${file}.html#${section}`;
}

/** The way to the guide's words about a page. */
export function GuideLink({ place, title }: { place: string; title?: string }) {
  const { t } = useWords();
  return (
    <a className="guide-link" href={guideAddress(place)} target="_blank" rel="noreferrer" title={title ?? t("help.guide.title")} data-testid="guide-link">
      {t("help.guide")} ↗
    </a>
  );
}
