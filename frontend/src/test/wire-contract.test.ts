import type { GenericSchema, InferInput } from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import type { totalsSchema, whySchema } from "@/features/host/lib/wire";
import type { logHeadSchema } from "@/features/log/lib/log-head";
import type {
  liveSchemas,
  logRowSchema,
  receiptSchema,
  statusSchema,
  stopAnswerSchema,
  tapSchema,
  wishAnswerSchema,
} from "@/lib/wire";
import type { components } from "../../generated/openapi";

type Documents = components["schemas"];
type Readable<Schema extends GenericSchema> = Readonly<InferInput<Schema>>;

// Judged by the compiler when the page is built: whatever the server's own document (openapi.json)
// allows it to send, the page must be able to read. A field it renames, drops, or may leave null,
// or a word it may add to a list, fails here.
describe("what the server may send, the page can read", () => {
  it("tap, receipt, status, log row", () => {
    expectTypeOf<Documents["Tap"]>().toExtend<Readable<typeof tapSchema>>();
    expectTypeOf<Documents["Receipt"]>().toExtend<Readable<typeof receiptSchema>>();
    expectTypeOf<Documents["Status"]>().toExtend<Readable<typeof statusSchema>>();
    expectTypeOf<Documents["LogRow"]>().toExtend<Readable<typeof logRowSchema>>();
  });

  it("every message of the live stream", () => {
    type Live = typeof liveSchemas;
    expectTypeOf<Documents["Snapshot"]>().toExtend<Readable<Live["snapshot"]>>();
    expectTypeOf<Documents["TapEvent"]>().toExtend<Readable<Live["tap"]>>();
    expectTypeOf<Documents["LogEvent"]>().toExtend<Readable<Live["log"]>>();
    expectTypeOf<Documents["Heartbeat"]>().toExtend<Readable<Live["heartbeat"]>>();
  });

  it("the answers to a stop and to a resume", () => {
    expectTypeOf<Documents["StopAnswer"]>().toExtend<Readable<typeof stopAnswerSchema>>();
    expectTypeOf<Documents["StopRefusal"]>().toExtend<Readable<typeof stopAnswerSchema>>();
    expectTypeOf<Documents["ResumeAnswer"]>().toExtend<Readable<typeof wishAnswerSchema>>();
    expectTypeOf<Documents["Refusal"]>().toExtend<Readable<typeof wishAnswerSchema>>();
  });

  it("interlocks, totals and where the log ends", () => {
    expectTypeOf<Documents["Why"]>().toExtend<Readable<typeof whySchema>>();
    expectTypeOf<Documents["Totals"]>().toExtend<Readable<typeof totalsSchema>>();
    expectTypeOf<Documents["LogHead"]>().toExtend<Readable<typeof logHeadSchema>>();
  });
});
