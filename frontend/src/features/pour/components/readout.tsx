import { formatLiveMl, formatMl } from "@/lib/format";
import type { GlassView } from "@/lib/glass-view";
import { texts } from "@/lib/texts";

/** The figures under the glass. What a screen reader is told, the glass and the live region say. */
export function Readout({ view }: { view: GlassView }) {
  const { pouring, targetMl, filledMl } = view;
  const target = targetMl === undefined ? "–" : formatMl(targetMl);
  if (pouring && filledMl === undefined) {
    return (
      <div className="text-center" aria-hidden="true">
        <p className="text-4xl font-extrabold leading-none">
          <span>{`${target} `}</span>
          <Unit />
        </p>
        <p className="pt-1 text-sm text-muted-foreground">{texts.glass.unmeasured}</p>
      </div>
    );
  }
  if (pouring) {
    return (
      <p className="text-center text-5xl font-extrabold leading-none" aria-hidden="true">
        <span>{`${formatLiveMl(filledMl ?? 0)} `}</span>
        <span className="text-xl font-semibold text-muted-foreground">
          {texts.glass.of({ amount: target })}
        </span>
      </p>
    );
  }
  return (
    <p className="text-center text-5xl font-extrabold leading-none" aria-hidden="true">
      <span>{`${target} `}</span>
      <Unit />
    </p>
  );
}

function Unit() {
  return <span className="text-xl font-semibold text-muted-foreground">{texts.unit}</span>;
}
