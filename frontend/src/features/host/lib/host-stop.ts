/**
 * What a host has told the machines to stop, and what came of it. A stop that may not have been
 * heard stays on the screen until it was, or until the machine shows that it no longer pours. Pure.
 */
import type { StopTold } from "@/features/host/api";
import type { Tap } from "@/types/wire";

export interface Said {
  /** As the server names it, and "back": it was out of reach and is idle now. */
  code: string;
  reason: string;
  /** Since then it was seen out of reach or pouring. */
  seenBad: boolean;
}

/** A stop of one tap, or of all of them. */
export type Scope = string | undefined;

export interface StopState {
  /** The stops on their way. */
  asking: readonly Scope[];
  /** What each machine said last. */
  said: ReadonlyMap<string, Said>;
  /** The last stop that the server did not take, or perhaps did not hear. */
  failure: { scope: Scope; code: string | null; reason: string } | undefined;
}

export const nothingStopped: StopState = { asking: [], said: new Map(), failure: undefined };

export type StopEvent =
  | { type: "pressed"; scope: Scope }
  | { type: "answered"; scope: Scope; told: StopTold }
  | { type: "resumed"; scope: Scope }
  | { type: "taps_seen"; taps: readonly Tap[] };

export function stopStep(state: StopState, event: StopEvent): StopState {
  switch (event.type) {
    case "pressed":
      return { ...state, asking: [...state.asking, event.scope] };
    case "answered":
      return answered(state, event.scope, event.told);
    case "resumed": {
      const others = [...state.said].filter(
        ([tap]) => event.scope !== undefined && tap !== event.scope,
      );
      return { ...state, said: new Map(others), failure: undefined };
    }
    case "taps_seen":
      return tapsSeen(state, event.taps);
  }
}

function answered(state: StopState, scope: Scope, told: StopTold): StopState {
  const at = state.asking.indexOf(scope);
  const asking = state.asking.filter((_, index) => index !== at);
  if (told.kind === "lost") {
    return { ...state, asking, failure: { scope, code: null, reason: "" } };
  }
  const said = new Map(state.said);
  for (const { tap, code, reason } of told.taps) said.set(tap, { code, reason, seenBad: false });
  // A stop of one tap that was heard says nothing about a stop of all that was not.
  const covered = scope === undefined || state.failure?.scope === scope;
  const left = covered ? undefined : state.failure;
  const { code, reason } = told.kind === "refused" ? told : { code: null, reason: "" };
  return { asking, said, failure: told.kind === "refused" ? { scope, code, reason } : left };
}

const isBad = ({ code }: Said): boolean => code === "no_answer" || code === "cannot_stop";

function tapsSeen(state: StopState, taps: readonly Tap[]): StopState {
  const { failure } = state;
  const isGone = (name: string) => !taps.some((tap) => tap.name === name);
  // Nothing pressed here can reach a tap that the server no longer has.
  if (failure?.scope !== undefined && isGone(failure.scope)) {
    return tapsSeen({ ...state, failure: undefined }, taps);
  }
  let said: Map<string, Said> | undefined;
  for (const name of [...state.said.keys()].filter(isGone)) {
    said ??= new Map(state.said);
    said.delete(name);
  }
  for (const tap of taps) {
    const word = state.said.get(tap.name);
    if (!word || !isBad(word)) continue;
    // A machine that has a word of its own for what it does may be pouring.
    const pours = !tap.online || tap.state !== "idle" || tap.pour !== null;
    if (pours === word.seenBad) continue;
    said ??= new Map(state.said);
    // Idle before it was ever seen otherwise may be news from before the stop.
    said.set(tap.name, pours ? { ...word, seenBad: true } : { ...word, code: "back" });
  }
  return said ? { ...state, said } : state;
}

/** The newest of the stops that a resume of `scope` would lift, as the host sees them now. */
export const newestStop = (taps: readonly Tap[], scope: Scope): number =>
  Math.max(
    0,
    ...taps
      .filter(({ name }) => scope === undefined || name === scope)
      .map(({ stop_id }) => stop_id),
  );

/**
 * Whether a resume can name the stop that holds the tap: one that was pressed just now has no
 * number until it is in the log.
 */
export const canResume = ({ stopped, stop_id }: Tap): boolean => stopped && stop_id > 0;

/** The taps that may still pour although they were told to stop. */
export const notStopped = ({ said }: StopState): [tap: string, said: Said][] =>
  [...said].filter(([, word]) => isBad(word));

export const hasFailed = (state: StopState): boolean =>
  state.failure !== undefined || notStopped(state).length > 0;

export const isAsking = ({ asking }: StopState, tap: string): boolean =>
  asking.some((scope) => scope === undefined || scope === tap);
