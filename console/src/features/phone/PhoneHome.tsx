import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { CameraTree } from "../../ui/tree/CameraTree";
import "./phone-home.css";

const NONE: ReadonlySet<string> = new Set();

/** The first page of a phone: every camera by area, or found; a tap opens it. A wall of pictures has no room there. */
export function PhoneHome() {
  const search = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  return (
    <div className="phone-list">
      <CameraTree search={search} shown={NONE} rowPx={46} onOpen={({ code }) => void navigate({ to: "/cameras/$code", params: { code } })} onLeave={() => search.current?.focus()} />
    </div>
  );
}
