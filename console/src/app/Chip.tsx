import { Link } from "@tanstack/react-router";

interface Props {
  to: "/account" | "/duty" | "/policy" | "/users";
  whole: string;
  /** What stands there where the header is narrow: a sentence cut in its middle tells nothing. */
  few: string;
  help?: string;
  testId: string;
}

/** A notice in the header that leads to where it can be mended. */
export function Chip({ to, whole, few, help, testId }: Props) {
  return (
    <Link to={to} className="chip" activeProps={{ className: "" }} title={help === undefined ? whole : `${whole}\n${help}`} data-testid={testId}>
      <span className="whole">{whole}</span>
      <span className="few">{few}</span>
    </Link>
  );
}
