import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";

interface Rows {
  count: number;
  rowPx: number;
}

/** Rows of one height, as many as there are: only those on screen are drawn; one of them is the keyboard's. */
export function useRows({ count, rowPx }: Rows) {
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({ count, getScrollElement: () => scroll.current, estimateSize: () => rowPx, overscan: 12, initialRect: { width: 300, height: 900 } });
  const go = (index: number) => {
    const at = Math.max(0, Math.min(count - 1, index));
    setActive(at);
    virtual.scrollToIndex(at);
  };
  const sheet = () => Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowPx) - 1);
  const steps: Record<string, () => void> = {
    ArrowDown: () => go(active + 1),
    ArrowUp: () => go(active - 1),
    PageDown: () => go(active + sheet()),
    PageUp: () => go(active - sheet()),
    Home: () => go(0),
    End: () => go(count - 1),
  };
  return { scroll, active, setActive, virtual, go, steps };
}
