import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { OutputLast, OutputState, OutputSwitch, outputsPace } from "../../ui/OutputSwitch";

/** Sirens, lamps and barriers at this camera, for whoever may switch them. */
export function CameraOutputs({ code }: { code: string }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["outputs"], retry: false, refetchInterval: (query) => outputsPace(query.state.data?.items), queryFn: () => body(api.GET("/api/v1/outputs")) });
  const here = (found.data?.items ?? []).filter((one) => one.camera === code);
  if (here.length === 0) return null;
  return (
    <section className="card" aria-labelledby="camera-outputs" data-testid="camera-outputs">
      <h3 id="camera-outputs">{t("outputs.title")}</h3>
      {here.map((one) => (
        <div key={one.id} className="camera-output">
          <div>
            <b>{one.name}</b>
            <OutputState output={one} />
          </div>
          <div>
            <OutputSwitch output={one} />
          </div>
          <OutputLast output={one} />
        </div>
      ))}
    </section>
  );
}
