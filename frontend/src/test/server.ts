import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";

/**
 * A server with an empty log that takes what is pressed. Each test adds what its story needs.
 */
export const server = setupServer(
  http.get("*/api/logs", () => HttpResponse.json([])),
  http.post("*/api/admission", () => HttpResponse.json({ success: true })),
);
