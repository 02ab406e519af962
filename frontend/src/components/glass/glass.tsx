import { useId, useLayoutEffect, useRef } from "react";
import { formatLiveMl, formatMl } from "@/lib/format";
import { levelY } from "@/lib/glass-geometry";
import type { GlassView } from "@/lib/glass-view";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

const OUTER = "M16 8 H184 L168 214 Q166 232 148 232 H52 Q34 232 32 214 Z";
const CAVITY = "M27 18 H173 L159 198 Q158 208 148 208 H52 Q42 208 41 198 Z";
/**
 * A wave repeats every 100 units: moved by one of them it looks as before. Its crests touch y = 0
 * from below, so that no wave looks fuller than the glass is.
 */
const WAVES = "M0 4 Q25 -3 50 4 T100 4 T150 4 T200 4 T250 4 T300 4 V260 H0 Z";
const STILL = "M0 0 H300 V260 H0 Z";

/** The slowest rise: after a pause in the reports the surface must not crawl. */
const RISE_MAX_MS = 400;

function describe({ pouring, absent, flowing, targetMl, filledMl }: GlassView) {
  const target = formatMl(targetMl ?? 0);
  if (!pouring) {
    const label = absent
      ? texts.glass.none
      : texts.glass.progress({ delivered: formatMl(filledMl ?? 0), amount: target });
    return { role: "img", "aria-label": `${texts.glass.label}: ${label}` } as const;
  }
  const known = filledMl !== undefined;
  return {
    role: "progressbar",
    "aria-label": texts.glass.label,
    "aria-valuemin": 0,
    "aria-valuemax": targetMl,
    "aria-valuenow": filledMl,
    "aria-valuetext": known
      ? texts.glass.progress({ delivered: formatLiveMl(filledMl), amount: target })
      : texts.glass.progressUnknown({ amount: target }),
    "aria-busy": flowing,
  } as const;
}

interface GlassProps {
  view: GlassView;
  className?: string;
}

function glowOf({ absent, flowing, filledMl }: GlassView): number {
  if (flowing) return 1;
  if (absent) return 0.12;
  return filledMl ? 0.7 : 0.25;
}

/**
 * A glass that holds what the machine says it holds: never more, and nothing when it does not say.
 */
export function Glass({ view, className }: GlassProps) {
  const { pourId, absent, flowing, targetMl, filledMl } = view;
  const id = useId();
  const known = filledMl !== undefined;
  const targetY = targetMl === undefined ? undefined : levelY(targetMl, targetMl);
  const surfaceY = levelY(filledMl ?? 0, targetMl ?? 1);

  return (
    <div
      className={cn("relative", className)}
      data-glass={absent ? "missing" : flowing ? "filling" : "standing"}
      {...describe(view)}
    >
      {/* Not in the drawing: as an element of its own it fades without being painted anew. */}
      <div
        aria-hidden="true"
        className="glow pointer-events-none absolute top-1/3 left-1/2 h-7/8 max-w-none transition-opacity duration-700"
        style={{ opacity: glowOf(view) }}
      />
      <svg
        viewBox="0 -56 200 296"
        className="relative size-full overflow-visible"
        aria-hidden="true"
        focusable="false"
      >
        <defs>
          <linearGradient id={`${id}-liquid`} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="var(--liquid-top)" />
            <stop offset="0.2" stopColor="var(--liquid)" />
            <stop offset="0.8" stopColor="var(--liquid-deep)" />
          </linearGradient>
          <linearGradient id={`${id}-shine`} x1="0" y1="0" x2="1" y2="0">
            <stop offset="0" stopColor="#fff" stopOpacity="0.4" />
            <stop offset="1" stopColor="#fff" stopOpacity="0" />
          </linearGradient>
          <clipPath id={`${id}-cavity`}>
            <path d={CAVITY} />
          </clipPath>
        </defs>
        <Spout flowing={flowing} bottomY={known ? surfaceY + 8 : 206} />
        <path d={OUTER} fill="var(--glass-body)" opacity={absent ? 0.3 : 1} />
        <g clipPath={`url(#${id}-cavity)`}>
          {known ? (
            <Liquid key={pourId} y={surfaceY} moving={flowing} fill={`url(#${id}-liquid)`} />
          ) : (
            <rect
              x="20"
              y={targetY ?? 18}
              width="160"
              height="200"
              fill={`url(#${id}-liquid)`}
              className="animate-breathe"
              opacity="0.12"
            />
          )}
        </g>
        {targetY !== undefined && <TargetLine y={targetY} ml={targetMl ?? 0} />}
        <path
          d={OUTER}
          fill="none"
          stroke="var(--glass-line)"
          strokeWidth="3.500"
          strokeLinejoin="round"
          strokeDasharray={absent ? "2 9" : undefined}
          strokeLinecap="round"
          opacity={absent ? 0.75 : 0.9}
        />
        {!absent && (
          <path
            d="M36 28 L48 186"
            stroke={`url(#${id}-shine)`}
            strokeWidth="7"
            strokeLinecap="round"
          />
        )}
      </svg>
    </div>
  );
}

/**
 * Rises to each report in the time the last one took to come: smooth whatever the device's pace,
 * one report behind the truth and never ahead of it.
 */
function Liquid({ y, moving, fill }: { y: number; moving: boolean; fill: string }) {
  const group = useRef<SVGGElement>(null);
  const reportedAt = useRef<number>(undefined);
  useLayoutEffect(() => {
    const now = performance.now();
    const since_ms = Math.min(now - (reportedAt.current ?? now), RISE_MAX_MS);
    reportedAt.current = now;
    if (!group.current) return;
    group.current.style.transition = `transform ${since_ms.toFixed()}ms linear`;
    group.current.style.transform = `translateY(${y}px)`;
  }, [y]);
  return (
    <g ref={group} data-part="liquid">
      <path
        d={moving ? WAVES : STILL}
        fill={fill}
        className={moving ? "animate-wave" : undefined}
      />
    </g>
  );
}

function Spout({ flowing, bottomY }: { flowing: boolean; bottomY: number }) {
  return (
    <>
      {flowing && (
        <g strokeLinecap="round">
          <line x1="100" y1="-24" x2="100" y2={bottomY} stroke="var(--liquid)" strokeWidth="9" />
          <line
            x1="98"
            y1="-24"
            x2="98"
            y2={bottomY}
            stroke="var(--liquid-top)"
            strokeWidth="3"
            strokeDasharray="22 18"
            className="animate-flow"
          />
        </g>
      )}
      <path
        d="M84 -56 H116 V-36 Q116 -30 111 -29 L108 -22 H92 L89 -29 Q84 -30 84 -36 Z"
        fill="var(--secondary)"
        stroke="var(--glass-line)"
        strokeOpacity="0.55"
        strokeWidth="2.500"
        strokeLinejoin="round"
      />
    </>
  );
}

function TargetLine({ y, ml }: { y: number; ml: number }) {
  return (
    <g data-part="line" style={{ transform: `translateY(${y}px)` }}>
      <line
        x1="46"
        x2="154"
        stroke="var(--foreground)"
        strokeWidth="2"
        strokeDasharray="1 7"
        strokeLinecap="round"
        opacity="0.8"
      />
      <line x1="150" x2="164" stroke="var(--foreground)" strokeWidth="3" strokeLinecap="round" />
      <text x="191" y="5" fill="var(--muted-foreground)" fontSize="15" fontWeight="600">
        {formatMl(ml)}
      </text>
    </g>
  );
}
