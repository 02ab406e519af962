/** What the overview asks of the server; what a host tells it is in api.ts, which comes sooner. */

import type { Totals, Why } from "@/features/host/lib/wire";
import { totalsSchema, whySchema } from "@/features/host/lib/wire";
import { ask } from "@/lib/api";
import { parseJson } from "@/lib/wire";

/** Every interlock of that tap as it is now; nothing if the server did not answer. */
export async function fetchWhy(tap: string): Promise<Why | undefined> {
  const answer = await ask(`/api/why?tap=${encodeURIComponent(tap)}`);
  return answer?.status === 200 ? parseJson(whySchema, answer.body) : undefined;
}

/** What every tap has poured since that moment (unix seconds). */
export async function fetchTotals(since_s: number): Promise<Totals | undefined> {
  const answer = await ask(`/api/totals?since=${since_s}`);
  return answer?.status === 200 ? parseJson(totalsSchema, answer.body) : undefined;
}
