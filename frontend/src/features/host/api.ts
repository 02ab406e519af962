/** What only a host tells the server, one function per request. None throws. */
import { type Answer, post } from "@/lib/api";
import { deadlineIn } from "@/lib/deadline";
import { parseJson, stopAnswerSchema, wishAnswerSchema } from "@/lib/wire";
import type { TapStop } from "@/types/wire";

/** What came of telling machines to stop. */
export type StopTold =
  | { kind: "told"; taps: readonly TapStop[] }
  /** The server said no, or not wholly yes; perhaps with what the machines said. */
  | { kind: "refused"; code: string; reason: string; taps: readonly TapStop[] }
  /** No answer of our server: nobody knows whether it was heard. */
  | { kind: "lost" };

/** Stops that tap, or all of them, until they are resumed. */
export async function stopTaps(tap?: string): Promise<StopTold> {
  const answer = await post("/api/stop", tap === undefined ? {} : { tap });
  const parsed = answer && parseJson(stopAnswerSchema, answer.body);
  if (!parsed) return { kind: "lost" };
  if (parsed.success) return { kind: "told", taps: parsed.taps };
  return { kind: "refused", code: parsed.code, reason: parsed.reason, taps: parsed.taps ?? [] };
}

/** What came of a wish that either comes true or is refused. */
export type Wish =
  | { kind: "done" }
  | { kind: "refused"; code: string; reason: string }
  | { kind: "lost" };

function wishOf(answer: Answer | undefined): Wish {
  const parsed = answer && parseJson(wishAnswerSchema, answer.body);
  if (!parsed) return { kind: "lost" };
  return parsed.success
    ? { kind: "done" }
    : { kind: "refused", code: parsed.code, reason: parsed.reason };
}

/** What is under way for longer is void: nobody waits for it any more. */
const WISH_MAX_MS = 8000;

/**
 * Lets that tap, or all of them, pour again: lifts the stops up to that number, and none that
 * somebody has pressed since.
 */
export async function resumeTaps(tap: string | undefined, stop: number): Promise<Wish> {
  const wish = { ...(tap !== undefined && { tap }), stop, ...deadlineIn(WISH_MAX_MS) };
  return wishOf(await post("/api/resume", wish));
}

/** Makes the machine that says it is `machineId` (null: it says nothing) that tap's own. */
export async function takeOverMachine(tap: string, machineId: string | null): Promise<Wish> {
  const wish = {
    action: "adopt",
    ...(machineId !== null && { machine_id: machineId }),
    ...deadlineIn(WISH_MAX_MS),
  };
  return wishOf(await post(`/api/taps/${encodeURIComponent(tap)}/machine`, wish));
}
