import { useMemo } from "react";
import { encode } from "uqr";
import { wallTexts } from "@/features/wall/texts";

/** One path for all dark squares: a row's neighbours are drawn as one bar. */
function barsOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      [
        ...row
          .map((dark) => (dark ? "x" : " "))
          .join("")
          .matchAll(/x+/g),
      ].map(({ index, 0: bar }) => `M${index} ${y}h${bar.length}v1h-${bar.length}z`),
    )
    .join("");
}

/** The way in: a code for the phone's own camera, and the address for those who type. */
export function JoinCode({ address }: { address: string }) {
  const code = useMemo(() => encode(address, { ecc: "M", border: 2 }), [address]);
  return (
    <section className="flex flex-col items-center gap-[1vmin] text-center">
      <svg
        viewBox={`0 0 ${code.size} ${code.size}`}
        role="img"
        aria-label={`${wallTexts.scan}: ${address}`}
        className="size-[max(7rem,20vmin)] rounded-2xl bg-white"
        shapeRendering="crispEdges"
      >
        <path d={barsOf(code.data)} fill="#000" />
      </svg>
      <p className="text-[max(1rem,2.6vmin)] leading-tight font-bold">{wallTexts.scan}</p>
      <p className="text-[max(0.875rem,1.8vmin)] break-all text-muted-foreground">
        {wallTexts.join({ address: address.replace(/^https?:\/\//, "") })}
      </p>
    </section>
  );
}
