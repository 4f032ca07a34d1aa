const SHAPES: Record<string, string> = {
  "/": "M2.5 7h11v7.5h-11zM13.5 9.5l5-2.5v7.5l-5-2.5M5 17.5h6",
  "/situation": "M3 4.5l5-2 5 2 5-2v13l-5 2-5-2-5 2zM8 2.5v13M13 4.5v13",
  "/duty": "M10 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6M3.5 17.5c0-4 3-6 6.500-6s6.500 2 6.500 6",
  "/patrol": "M10 2.500l6 2.500v5c0 4-2.700 6.500-6 7.500-3.300-1-6-3.500-6-7.500v-5zM7.500 10l2 2 3.500-4",
  more: "M3 5.5h14M3 10.500h14M3 15.500h14",
};

/** A line drawing for the bar of a phone; its word stands below. */
export function Icon({ of }: { of: string }) {
  return (
    <svg viewBox="0 0 20 20" width="22" height="22" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" aria-hidden>
      <path d={SHAPES[of]} />
    </svg>
  );
}
