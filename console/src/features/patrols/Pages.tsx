import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";

interface Props<One> {
  /** Of the query; they change with what the list is of. */
  name: readonly (string | number)[];
  ask: (cursor: number) => Promise<{ items: One[]; next: number | null }>;
  /** Instead of the list where there is nothing yet. */
  none: string;
  children: (items: One[]) => ReactNode;
}

/** A list that the node gives page by page, the newest first, and the way to its older part. */
export function Pages<One>({ name, ask, none, children }: Props<One>) {
  const { t } = useWords();
  const found = useInfiniteQuery({ queryKey: ["duty", "patrols", ...name], retry: false, initialPageParam: 0, queryFn: ({ pageParam }) => ask(pageParam), getNextPageParam: (page) => page.next ?? undefined });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {found.isError && <Refused error={found.error} />}
      {found.isSuccess && items.length === 0 ? <p className="quiet">{none}</p> : children(items)}
      {found.hasNextPage && (
        <Button size="small" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t("patrol.rounds.more")}
        </Button>
      )}
    </>
  );
}
