/**
 * A whole party for one test: simulated dispensers, the server and its page, all real processes.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { freePort, Process } from "./process";

const folder = resolve(import.meta.dirname, "..");
const bin = resolve(process.env.POURTOCOL_BIN ?? join(folder, "../build/release/bin"));
const page = resolve(process.env.POURTOCOL_WEB ?? join(folder, "dist"));

/**
 * The seed of a machine with a slow pump: 60 ml take it five seconds, time enough to do something.
 */
const slowPump = "4";

/** What the machine truly did, whatever anybody was told. */
interface Truth {
  /** `began_ms`: when the pump went on, unix ms. */
  episodes: { request_id: string; ml: number; began_ms: number }[];
  total_ml: number;
  pump_on: boolean;
}

export class Dispenser {
  readonly name: string;
  readonly #args: string[];
  #process: Process;

  private constructor(name: string, args: string[], process: Process) {
    this.name = name;
    this.#args = args;
    this.#process = process;
  }

  static async start(name: string, args: string[]): Promise<Dispenser> {
    // Out of touch or without power its port is closed, and has to stay free until it is back.
    const ports = ["--port", String(await freePort()), "--control-port", "0"];
    const all = [...ports, "--tap", name, "--seed", slowPump, ...args];
    return new Dispenser(name, all, await Dispenser.#run(all));
  }

  static #run(args: string[]): Promise<Process> {
    return Process.start(join(bin, "pourtocol-dispenser"), args, /ready on http/);
  }

  /** Another board comes in its place, at the same address. */
  async swapBoard(machineId: string): Promise<void> {
    await this.#process.end();
    this.#process = await Dispenser.#run([...this.#args, "--machine-id", machineId]);
  }

  get url(): string {
    return this.#process.said(/ready on (http:\/\/\S+)/);
  }

  placeGlass = () => this.#control("/glass", { present: true });
  liftGlass = () => this.#control("/glass", { present: false });
  layTag = (uid: string | null) => this.#control("/tag", { uid });
  cutPower = () => this.#control("/power", { on: false });
  emptyBottle = () => this.#control("/bottle", { ml: 0 });
  /** It goes on with what it does, but nobody can reach it. */
  loseTouch = () => this.#control("/network", { refuse: true });
  findTouch = () => this.#control("/network", { refuse: false });

  async truth(): Promise<Truth> {
    return (await this.#control("/truth")) as Truth;
  }

  end = () => this.#process.end();

  async #control(path: string, body?: object): Promise<unknown> {
    const url = this.#process.said(/control on (http:\/\/\S+)/) + path;
    const init = body && {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    };
    const response = await fetch(url, init);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

export class Server {
  readonly #args: string[];
  readonly url: string;
  #process: Process | undefined;
  #home: string | undefined;

  constructor(
    port: number,
    database: string,
    taps: Dispenser[],
    options: string[] = [],
    host = "127.0.0.1",
  ) {
    this.url = `http://${host}:${port}`;
    this.#args = ["serve", "--host", host, "--port", String(port), "--database", database];
    // A page built by hand comes first; else the one that ./dev build has put beside the server.
    if (existsSync(join(page, "index.html"))) this.#args.push("--web-root", page);
    for (const tap of taps) this.#args.push("--tap", `${tap.name}=${tap.url}`);
    this.#args.push(...options);
  }

  /** Started, with a log of its own that goes with it (`remove`). */
  static async beside(taps: Dispenser[], options: string[], host?: string): Promise<Server> {
    const home = mkdtempSync(join(tmpdir(), "pourtocol-e2e-"));
    const server = new Server(await freePort(), join(home, "pourtocol.db"), taps, options, host);
    server.#home = home;
    await server.start();
    return server;
  }

  async remove(): Promise<void> {
    await this.end();
    if (this.#home) rmSync(this.#home, { recursive: true, force: true });
  }

  /** One of the server's own figures, as it tells them to whoever watches over it. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const value = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
    if (value === undefined) throw new Error(`there is no ${name} in\n${text}`);
    return Number(value);
  }

  async start(): Promise<void> {
    this.#process = await Process.start(join(bin, "pourtocol"), this.#args, /ready on http/);
  }

  /** No goodbye: as when the power goes. */
  async kill(): Promise<void> {
    await this.#process?.end("SIGKILL");
    this.#process = undefined;
  }

  async end(): Promise<void> {
    await this.#process?.end();
    this.#process = undefined;
  }
}

/** The page as a guest handles it. */
export class Guest {
  readonly page: Page;
  readonly pour: Locator;
  readonly stop: Locator;
  readonly glass: Locator;
  readonly receipt: Locator;
  readonly log: Locator;

  constructor(page: Page) {
    this.page = page;
    this.pour = this.button(/^pour \d+ ml$/i);
    this.stop = this.button(/^stop$/i);
    this.glass = page.getByRole("progressbar", { name: "Glass" });
    this.receipt = page.getByRole("region", { name: "Receipt" });
    this.log = page.getByRole("region", { name: "Poured lately" }).getByRole("listitem");
  }

  button = (name: string | RegExp): Locator => this.page.getByRole("button", { name });

  async open(server: { url: string }, path = "/"): Promise<void> {
    await this.page.goto(server.url + path);
    await expect(this.page.getByText("Live", { exact: true })).toBeVisible();
  }

  async introduce(name: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Who is pouring?" }).fill(name);
    await this.page.keyboard.press("Enter");
    await expect(this.page.getByText(name, { exact: true }).first()).toBeVisible();
  }

  async choose(ml: number | string): Promise<void> {
    await this.page.getByRole("radio", { name: "Custom" }).click();
    await this.page.getByRole("textbox", { name: "Custom amount in ml" }).fill(String(ml));
  }

  /**
   * Presses POUR; resolves once the glass on the screen holds more than nothing and less than all.
   */
  async pourAndSeeItFill(requested_ml: number): Promise<void> {
    // Watching before the press: a busy machine must not make us look when it is full already.
    const filling = this.page.evaluate(
      (most) =>
        new Promise<void>((resolve) => {
          const look = () => {
            const glass = document.querySelector("[role=progressbar]");
            const ml = Number(glass?.getAttribute("aria-valuenow") ?? 0);
            if (ml > 0 && ml < most) resolve();
          };
          new MutationObserver(look).observe(document, { attributes: true, subtree: true });
        }),
      requested_ml,
    );
    await this.pour.click();
    await filling;
  }
}

interface PartyOptions {
  /** The taps, first the default one, each with further options of its dispenser. */
  taps: Record<string, string[]>;
  /** What else the server is told when it starts. */
  serving: string[];
}

interface Party {
  dispensers: Dispenser[];
  dispenser: Dispenser;
  server: Server;
  guest: Guest;
}

export const test = base.extend<PartyOptions & Party>({
  taps: [{ main: [] }, { option: true }],
  serving: [[], { option: true }],

  dispensers: async ({ taps }, use) => {
    const started: Dispenser[] = [];
    try {
      for (const [name, args] of Object.entries(taps)) {
        started.push(await Dispenser.start(name, args));
      }
      await use(started);
    } finally {
      await Promise.all(started.map((dispenser) => dispenser.end()));
    }
  },

  dispenser: async ({ dispensers }, use) => {
    await use(dispensers[0] as Dispenser);
  },

  server: async ({ dispensers, serving }, use) => {
    const server = await Server.beside(dispensers, serving);
    try {
      await use(server);
    } finally {
      await server.remove();
    }
  },

  guest: async ({ page, server }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) wrong.push(message.text());
    });
    const guest = new Guest(page);
    await guest.open(server);
    await use(guest);
    expect(wrong, "errors in the page").toEqual([]);
  },
});

export { expect };
