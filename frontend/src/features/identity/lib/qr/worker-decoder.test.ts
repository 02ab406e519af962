import { beforeEach, expect, it, vi } from "vitest";
import {
  type QrAnswer,
  QrError,
  type QrProblem,
  type QrRequest,
} from "@/features/identity/lib/qr/decoder";
import { type QrPort, WorkerDecoder } from "@/features/identity/lib/qr/worker-decoder";

/** A worker that answers when the test says so. */
class FakeWorker extends EventTarget implements QrPort {
  readonly asked: { request: QrRequest; handedOver: Transferable[] }[] = [];
  readonly terminate = vi.fn();

  postMessage = (request: QrRequest, handedOver: unknown) => {
    this.asked.push({ request, handedOver: handedOver as Transferable[] });
  };

  answer(index: number, answer: { text: string | undefined } | { problem: QrProblem }): void {
    const id = this.asked[index]?.request.id ?? -1;
    const data = { id, ...answer } as QrAnswer;
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

const photo = new Blob(["a photo"]);
let worker: FakeWorker;
let decoder: WorkerDecoder;

beforeEach(() => {
  worker = new FakeWorker();
  decoder = new WorkerDecoder(worker);
});

it("gives each asker the answer to its own picture", async () => {
  const [first, second] = [decoder.decode(photo), decoder.decode(photo)];
  worker.answer(1, { text: "Bea" });
  worker.answer(0, { text: undefined });
  expect(await first).toBeUndefined();
  expect(await second).toBe("Bea");
});

it("hands a camera's frame over instead of copying it, and leaves a photo where it is", () => {
  const frame = { width: 1, height: 1 } as ImageBitmap;
  void decoder.decode(frame);
  void decoder.decode(photo);
  expect(worker.asked.map(({ handedOver }) => handedOver)).toEqual([[frame], []]);
});

it("survives a file that is no picture", async () => {
  const failed = decoder.decode(photo);
  worker.answer(0, { problem: "picture" });
  await expect(failed).rejects.toEqual(new QrError("picture"));
  expect(decoder.dead).toBe(false);
});

it("gives up when its WebAssembly does not come, so that the next one tries again", async () => {
  const [failed, waiting] = [decoder.decode(photo), decoder.decode(photo)];
  worker.answer(0, { problem: "unavailable" });
  await expect(failed).rejects.toMatchObject({ problem: "unavailable" });
  await expect(waiting).rejects.toMatchObject({ problem: "unavailable" });
  expect(decoder.dead).toBe(true);
  expect(worker.terminate).toHaveBeenCalled();
});

it("tells everybody who waits when its script does not come, and who asks later", async () => {
  const waiting = decoder.decode(photo);
  worker.dispatchEvent(new Event("error"));
  await expect(waiting).rejects.toMatchObject({ problem: "unavailable" });
  await expect(decoder.decode(photo)).rejects.toMatchObject({ problem: "unavailable" });
});
