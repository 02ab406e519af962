/** A way to the server on which the answers to what is only read may be held back. */
import { request as ask, createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class SlowReads {
  readonly #server: Server;
  /** What is asked for like this is not answered. */
  held: RegExp | undefined;
  /** The questions that wait for an answer now. */
  waiting = 0;

  private constructor(target: string) {
    this.#server = createServer((question, answer) => {
      if (this.held?.test(question.url ?? "")) {
        this.waiting += 1;
        answer.on("close", () => {
          this.waiting -= 1;
        });
        return;
      }
      const { method, url, headers } = question;
      const forward = (from: IncomingMessage) => {
        answer.writeHead(from.statusCode ?? 502, from.headers);
        from.pipe(answer);
      };
      const asked = ask(target + url, { method, headers }, forward);
      asked.on("error", () => answer.destroy());
      answer.on("close", () => asked.destroy());
      question.pipe(asked);
    });
  }

  static async start(target: string): Promise<SlowReads> {
    const slow = new SlowReads(target);
    await new Promise<void>((resolve) => slow.#server.listen(0, "127.0.0.1", resolve));
    return slow;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  end(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
