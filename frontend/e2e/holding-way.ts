/**
 * A way to the server that can hold what a phone has sent and bring it later, whatever the page has
 * given up meanwhile: so does the kernel of a phone on bad Wi-Fi.
 */

import type { AddressInfo } from "node:net";
import { createServer, connect as open, type Server, type Socket } from "node:net";

/** Between the page and the server. */
export interface Way {
  /** Where the page reaches the server. */
  url: string;
  /** From now on nothing passes, and nobody is told. */
  swallow(): void;
  /** New packets pass again. */
  pass(): void;
  /** What was sent while nothing passed arrives. */
  deliverLate(): void;
  end(): void;
}

export class HoldingWay implements Way {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Each sends on what one connection of the page has sent. */
  #held: (() => void)[] = [];
  #swallows = false;

  private constructor(target: string) {
    this.#target = new URL(target);
    // A page that closes its end does not end what it has sent.
    this.#server = createServer({ allowHalfOpen: true }, (page) => this.#accept(page));
  }

  static async start(target: string): Promise<HoldingWay> {
    const way = new HoldingWay(target);
    await new Promise<void>((resolve) => way.#server.listen(0, "127.0.0.1", resolve));
    return way;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  swallow(): void {
    this.#swallows = true;
  }

  pass(): void {
    this.#swallows = false;
  }

  deliverLate(): void {
    for (const sendOn of this.#held.splice(0)) sendOn();
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #accept(page: Socket): void {
    this.#keep(page);
    let server: Socket | undefined;
    let held: Buffer[] | undefined;
    const send = (bytes: Buffer) => {
      server ??= this.#connect(page);
      server.write(bytes);
    };
    const sendOn = () => {
      const kept = held ?? [];
      held = undefined;
      for (const bytes of kept) send(bytes);
    };
    page.on("data", (bytes: Buffer) => {
      if (this.#swallows && !held) {
        held = [];
        this.#held.push(sendOn);
      }
      if (held) held.push(bytes);
      else send(bytes);
    });
    page.on("close", () => !held && server?.destroy());
  }

  #connect(page: Socket): Socket {
    const server = open(Number(this.#target.port), this.#target.hostname);
    this.#keep(server);
    server.on("data", (bytes) => {
      if (!this.#swallows && page.writable) page.write(bytes);
    });
    server.on("close", () => page.destroy());
    return server;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // Whoever goes says so by closing.
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
