import { Link, useNavigate } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "../../ui/language";
import { useTellProblem } from "../../ui/problem";
import { Refused } from "../../ui/Refused";
import { SignedIn, useMay } from "../../ui/signed-in";
import { useRested } from "../../ui/tree/camera-pages";
import { isWriting } from "../../ui/writing";
import { EditDrawer } from "./EditDrawer";
import { EditKept } from "./EditKept";
import { matchingOf, narrows, sortedBy, type Filter, type Sorting } from "./filter";
import { Filters } from "./Filters";
import { keepLook, lastLook } from "./last-look";
import "./list.css";
import { ListTable } from "./ListTable";
import { ALL, countOf, isChosen, NONE, toggled, withRows, type Selection } from "./selection";
import { useCodesBetween, useRows, useTotal } from "./use-rows";

/** As the node takes them by name. */
const MOST_NAMED = 20_000;

/** Every camera that one may see, in one list of any length; what is chosen in it is changed together. */
export function CameraListPage() {
  const { t } = useWords();
  const may = useMay();
  const go = useNavigate();
  const tell = useTellProblem();
  const { notification } = App.useApp();
  const ranges = useRef(Promise.resolve());
  const search = useRef<HTMLInputElement>(null);
  const page = useRef<HTMLDivElement>(null);
  const user = useContext(SignedIn)?.user.id ?? 0;
  const [look] = useState(() => lastLook(user));
  const [kept, setKept] = useState<Filter>(look.filter);
  const [text, setText] = useState(kept.q);
  const q = useRested(text.trim());
  const filter = useMemo<Filter>(() => ({ ...kept, q }), [kept, q]);
  const [sorting, setSorting] = useState<Sorting>(look.sorting);
  const [selection, setSelection] = useState<Selection>(NONE);
  const [seen, setSeen] = useState<[number, number]>([look.at, look.at + 40]);
  /** Of what is chosen, or an edit that was begun before. */
  const [editing, setEditing] = useState<"chosen" | number>();
  const choices = useRef(0);
  const choose = useCallback((next: Parameters<typeof setSelection>[0]) => {
    choices.current++;
    setSelection(next);
  }, []);
  const found = useTotal(filter, sorting);
  const total = found.data?.total ?? 0;
  const wanted = useMemo(() => Array.from({ length: Math.max(0, Math.min(total - 1, seen[1]) - seen[0] + 1) }, (_, at) => seen[0] + at), [seen, total]);
  const rowAt = useRows(filter, sorting, wanted);
  const between = useCodesBetween(filter, sorting);

  useEffect(() => keepLook(user, { filter, sorting }), [user, filter, sorting]);
  const asked = JSON.stringify(filter);
  const [first] = useState(asked);
  const before = useRef(asked);
  useEffect(() => {
    if (before.current === asked) return;
    before.current = asked;
    setKept((old) => (old.q === q ? old : { ...old, q }));
    choose((old) => (old.all ? NONE : old)); // "all that match" was said of other cameras
    keepLook(user, { at: 0 });
  }, [asked, q, user, choose]);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "/" || isWriting(event.target) || event.defaultPrevented) return;
      event.preventDefault();
      event.stopPropagation();
      search.current?.focus();
    };
    window.addEventListener("keydown", onKey, true); // before the frame, whose key it is on other pages
    return () => window.removeEventListener("keydown", onKey, true);
  }, []);

  const change = (part: Partial<Filter>) => setKept((old) => ({ ...old, ...part }));
  const onSeen = useCallback((from: number, to: number) => setSeen((old) => (old[0] === from && old[1] === to ? old : [from, to])), []);
  const range = (anchor: number, to: number, end: number) => {
    if (Math.abs(to - anchor) >= MOST_NAMED) {
      notification.warning({ title: t("list.tooMany", { most: MOST_NAMED }), description: t("list.tooMany.instead"), placement: "bottomRight" });
      return false;
    }
    const before = choices.current;
    const stretched = async () => {
      const [codes, earlier] = [await between(anchor, to), await between(anchor, end)];
      if (before !== choices.current) return; // something else was chosen while it was fetched
      const kept = new Set(codes);
      const gone = earlier.filter((code) => !kept.has(code));
      setSelection((old) => withRows(withRows(old, gone, false), codes, true));
    };
    ranges.current = ranges.current.then(stretched).catch(tell); // one after the other, as the keys came
    return true;
  };
  const chosen = countOf(selection, total);
  const failed = found.isError && found.data === undefined;
  return (
    <div className="camera-list" ref={page}>
      <Filters filter={kept} text={text} search={search} onText={setText} onChange={change} onLeave={() => page.current?.querySelector<HTMLElement>(".list-table")?.focus()} />
      <div className="list-bar" role="status">
        <span data-testid="list-total">{t(narrows(filter) ? "list.found" : "list.total", { total })}</span>
        {chosen > 0 && (
          <>
            <b data-testid="list-chosen">{t(selection.all ? "list.chosenAll" : "list.chosen", { count: chosen })}</b>
            {!selection.all && chosen < total && (
              <Button size="small" type="link" data-testid="list-choose-all" onClick={() => choose(ALL)}>
                {t("list.allThatMatch", { total })}
              </Button>
            )}
            <Button size="small" type="link" data-testid="list-none" onClick={() => choose(NONE)}>
              {t("list.none")}
            </Button>
          </>
        )}
        <span className="grow" />
        <span className="keys">{t("list.keys")}</span>
        {may("manage-devices") && editing === undefined && <EditKept onOpen={setEditing} />}
        {may("manage-devices") && (
          <Button type="primary" disabled={chosen === 0} data-testid="list-edit" onClick={() => setEditing("chosen")}>
            {chosen === 0 ? t("list.edit") : t("list.editSome", { count: chosen })}
          </Button>
        )}
      </div>
      {failed ? (
        <Refused error={found.error} />
      ) : (
        <ListTable
          key={asked}
          total={total}
          rowAt={rowAt}
          onSeen={onSeen}
          first={asked === first ? look.at : 0}
          onActive={(at) => keepLook(user, { at })}
          sorting={sorting}
          onSort={(by) => setSorting((old) => sortedBy(old, by))}
          isChosen={(code) => code !== "" && isChosen(selection, code)}
          chosen={chosen === 0 ? "none" : chosen >= total ? "all" : "some"}
          onToggle={(code) => choose((old) => toggled(old, code))}
          onRange={range}
          onAll={() => choose(ALL)}
          onNone={() => choose(NONE)}
          onOpen={(code) => void go({ to: "/cameras/$code", params: { code } })}
          onTag={(tag) => change({ tags: [tag] })}
          empty={found.isPending ? t("loading") : narrows(filter) ? t("list.noMatch") : <NoCameras keeper={may("manage-devices")} />}
        />
      )}
      {editing !== undefined && (
        <EditDrawer
          kept={editing === "chosen" ? undefined : editing}
          chosen={selection.all ? { codes: [], matching: matchingOf(filter), but: [...selection.but] } : { codes: [...selection.codes], but: [] }}
          count={chosen}
          onClose={(done) => {
            setEditing(undefined);
            if (done && editing === "chosen") choose(NONE);
          }}
        />
      )}
    </div>
  );
}

function NoCameras({ keeper }: { keeper: boolean }) {
  const { t } = useWords();
  return (
    <>
      {t("list.empty")} {keeper ? <Link to="/devices">{t("list.empty.go")}</Link> : t("list.empty.ask")}
    </>
  );
}
