import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body } from "../../api-client/client";

/** The camera of a ticket by name, where its holder may see it in the tree; else its code alone. */
export function CameraName({ code }: { code: string }) {
  const found = useQuery({ queryKey: ["cameras", "names", "", code, "ticket"], queryFn: ({ signal }) => body(api.GET("/api/v1/camera-names", { params: { query: { q: code, offset: 0, limit: 1 } }, signal })) });
  const name = found.data?.items.find((one) => one.code === code)?.name;
  if (name === undefined) return code;
  return (
    <>
      <Link to="/cameras/$code" params={{ code }}>
        {name}
      </Link>
      <div className="quiet">{code}</div>
    </>
  );
}
