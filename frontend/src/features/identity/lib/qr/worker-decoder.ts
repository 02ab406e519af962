/** The decoder in a worker of its own, so that a weak phone's page stays smooth while it looks. */
import {
  type QrAnswer,
  type QrDecoder,
  QrError,
  type QrProblem,
  type QrRequest,
} from "@/features/identity/lib/qr/decoder";

interface Waiting {
  resolve(text: string | undefined): void;
  reject(error: QrError): void;
}

/** What is used of a worker. */
export type QrPort = Pick<Worker, "addEventListener" | "postMessage" | "terminate">;

export class WorkerDecoder implements QrDecoder {
  readonly #worker: QrPort;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #dead = false;

  constructor(worker: QrPort) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<QrAnswer>) => this.#answered(data));
    // Its script did not come, or it broke: it will answer nothing any more.
    worker.addEventListener("error", () => this.close());
  }

  get dead(): boolean {
    return this.#dead;
  }

  decode(image: ImageBitmap | Blob): Promise<string | undefined> {
    if (this.#dead) return Promise.reject(new QrError("unavailable"));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const request: QrRequest = { id, image };
      this.#worker.postMessage(request, image instanceof Blob ? [] : [image]);
    });
  }

  /** Whoever still waits is told that nothing will come. */
  close(): void {
    this.#dead = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new QrError("unavailable"));
    this.#waiting.clear();
  }

  #answered(answer: QrAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("problem" in answer) this.#failed(waiting, answer.problem);
    else waiting?.resolve(answer.text);
  }

  #failed(waiting: Waiting | undefined, problem: QrProblem): void {
    waiting?.reject(new QrError(problem));
    // A WebAssembly that could not be loaded is remembered as such: the next try is a new worker's.
    if (problem === "unavailable") this.close();
  }
}

let shared: WorkerDecoder | undefined;

/** The page's decoder: the one that is warm already, else a new one. */
export function openDecoder(): QrDecoder {
  if (!shared || shared.dead) {
    shared = new WorkerDecoder(
      new Worker(new URL("./qr-worker.ts", import.meta.url), { type: "module" }),
    );
  }
  return shared;
}

/** Gives its memory back until it is wanted again. */
export function closeDecoder(): void {
  shared?.close();
  shared = undefined;
}
