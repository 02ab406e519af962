/** The server's messages as types, derived from the schemas that check them. */
import type { InferOutput } from "valibot";
import type {
  dispenseAnswerSchema,
  liveSchemas,
  logRowSchema,
  receiptSchema,
  stopAnswerSchema,
  tapSchema,
} from "@/lib/wire";

export type Tap = InferOutput<typeof tapSchema>;
export type Receipt = InferOutput<typeof receiptSchema>;
export type LogRow = InferOutput<typeof logRowSchema>;
export type DispenseAnswer = InferOutput<typeof dispenseAnswerSchema>;
export type StopAnswer = InferOutput<typeof stopAnswerSchema>;
/** What one machine said to a stop. */
export type TapStop = Extract<StopAnswer, { success: true }>["taps"][number];
export type HistoryStep = NonNullable<Receipt["history"]>[number];

type LiveMessages = { [Name in keyof typeof liveSchemas]: InferOutput<(typeof liveSchemas)[Name]> };
export type Snapshot = LiveMessages["snapshot"];

/** One message of the live stream, tagged with its `event:` name. */
export type LiveMessage = {
  [Name in keyof LiveMessages]: { type: Name } & LiveMessages[Name];
}[keyof LiveMessages];
