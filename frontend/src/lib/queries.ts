/**
 * What has been asked of the server and answered, for the views that come when they are opened: a
 * guest's first script knows nothing of it. The live stream says when something is to be asked
 * anew; that a window is looked at again, or that a browser believes in its network, says nothing.
 */
import { QueryClient } from "@tanstack/react-query";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: false,
    },
  },
});

/** No answer of our server. */
export class NoAnswer extends Error {}

/** Throws where the server did not answer: that is how a query learns of it. */
export async function answered<Answer>(answer: Promise<Answer | undefined>): Promise<Answer> {
  const got = await answer;
  if (got === undefined) throw new NoAnswer("the server did not answer");
  return got;
}
