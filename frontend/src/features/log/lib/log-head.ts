/**
 * Where the log ends, asked of the server. Apart from wire.ts, which every guest's phone loads:
 * only the log's own page asks for this.
 */
import { object, pipe, regex, string } from "valibot";
import { ask } from "@/lib/api";
import { parseJson } from "@/lib/wire";

export const logHeadSchema = object({
  head: pipe(string(), regex(/^\d+(-\d+){2,7}:[0-9a-f]{32}$/)),
});

/** The head of this moment; nothing if the server did not tell. */
export async function fetchLogHead(): Promise<string | undefined> {
  const answer = await ask("/api/log/head");
  return answer?.status === 200 ? parseJson(logHeadSchema, answer.body)?.head : undefined;
}
