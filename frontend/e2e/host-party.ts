/** A party as its host sees it, perhaps with a long log from before. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect, test as party, Server } from "./party";
import { freePort } from "./process";

/** A log as the original wrote it, ending two hours ago; the server takes it over at its start. */
const WRITE_ORIGINAL_LOG = `
import sqlite3, sys
path, count = sys.argv[1], int(sys.argv[2])
with sqlite3.connect(path) as file:
    file.execute("""CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT,
        timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
        user_token TEXT, amount_ml INTEGER, status TEXT, reason TEXT)""")
    file.executemany("INSERT INTO events (timestamp, user_token, amount_ml, status, reason)"
        " VALUES (datetime('now', ? || ' seconds'), ?, ?, ?, ?)",
        ((-7200 - 10 * (count - i), "guest %d" % (i % 40), 15 + 15 * (i % 3),
          "failed" if i % 5 == 0 else "success", "No glass" if i % 5 == 0 else None)
         for i in range(count)))
`;

function writeOriginalLog(file: string, rows: number): void {
  const args = ["-c", WRITE_ORIGINAL_LOG, file, String(rows)];
  const { status, stderr } = spawnSync("python3", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the log could not be written: ${stderr}`);
}

/** The pages of the host. */
export class Host {
  readonly page: Page;
  readonly server: Server;
  readonly stopAll: Locator;
  /** The pours of the long log that are on the page. */
  readonly pours: Locator;
  readonly sheet: Locator;

  constructor(page: Page, server: Server) {
    this.page = page;
    this.server = server;
    this.stopAll = this.button(/^stop all$/i);
    this.pours = page.getByRole("feed").getByRole("article");
    this.sheet = page.getByRole("dialog");
  }

  button = (name: string | RegExp): Locator => this.page.getByRole("button", { name });
  tap = (name: string): Locator => this.page.getByRole("article", { name, exact: true });

  /** The alert that says what may still pour. */
  get alarm(): Locator {
    return this.page.getByRole("banner").getByRole("alert");
  }

  async open(path = "/host"): Promise<void> {
    await this.openAt(this.server.url, path);
  }

  /** The same by another way to the server. */
  async openAt(url: string, path = "/host"): Promise<void> {
    await this.page.goto(url + path);
    await expect(this.page.getByText("Live", { exact: true })).toBeVisible();
  }

  /** Resolves once that tap would take an order: it has just been started, or has just poured. */
  async ready(tap: string): Promise<void> {
    const taps = async () => (await (await fetch(`${this.server.url}/api/status`)).json()).taps;
    await expect.poll(taps).toContainEqual(expect.objectContaining({ name: tap, ready: true }));
  }

  async order(tap: string, user: string, ml: number): Promise<string> {
    await this.ready(tap);
    const answer = await this.ask("/api/dispense", { tap, user_token: user, amount_ml: ml });
    expect(answer, "the answer to the order").toMatchObject({ success: true });
    return String(answer.request_id);
  }

  /** Orders, and resolves when the pour is settled. */
  async pour(tap: string, user: string, ml: number): Promise<string> {
    const id = await this.order(tap, user, ml);
    await expect
      .poll(async () => (await fetch(`${this.server.url}/api/pours/${id}`)).json())
      .toMatchObject({ final: true });
    return id;
  }

  async ask(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(this.server.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  /** Resolves once that tap's glass on the screen holds something, but not all. */
  async seeItFill(tap: string): Promise<void> {
    const glass = this.tap(tap).getByRole("progressbar", { name: "Glass" });
    await expect(glass).toHaveAttribute("aria-valuenow", /^(?!0(\.0+)?$)/);
  }

  /** Scrolls the log to its very end, a screen at a time, and says what it saw. */
  scrollThrough() {
    return this.page.evaluate(async () => {
      const places = new Map<string, string>();
      const keys = new Map<string, string>();
      const doubled: string[] = [];
      let most = 0;
      const look = () => {
        const rows = document.querySelectorAll("[role=feed] article");
        most = Math.max(most, rows.length);
        for (const row of rows) {
          const key = row.getAttribute("data-key") ?? "";
          const place = row.getAttribute("aria-posinset") ?? "";
          if ((keys.get(place) ?? key) !== key || (places.get(key) ?? place) !== place) {
            doubled.push(`${key} at ${place}`);
          }
          keys.set(place, key);
          places.set(key, place);
        }
      };
      const frame = () => new Promise(requestAnimationFrame);
      const atEnd = () => document.body.textContent?.includes("the log begins here");
      // A busy machine may be a few frames late with the rows, and the server with the next page.
      const drawn = () => {
        const places = [...document.querySelectorAll("[role=feed] article")].map((row) =>
          row.getBoundingClientRect(),
        );
        const above = Math.min(...places.map(({ top }) => top));
        const below = Math.max(...places.map(({ bottom }) => bottom));
        // At the very top the page's own head stands above the rows.
        const begun = window.scrollY === 0 || above <= window.innerHeight / 4;
        return begun && (below >= window.innerHeight || atEnd());
      };
      for (;;) {
        while (!drawn()) await frame();
        look();
        const before = window.scrollY;
        window.scrollBy(0, window.innerHeight / 2);
        await frame();
        if (window.scrollY === before && atEnd()) break;
      }
      look();
      return { pours: keys.size, different: places.size, doubled, most };
    });
  }

  /** What is too small for a thumb, and by how much the page is too wide. */
  layout() {
    return this.page.evaluate(() => ({
      small: [...document.querySelectorAll("button, input, select, a")]
        .map((target) => target.closest("label") ?? target)
        .map((target) => ({ html: target.outerHTML, box: target.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44))
        .map(({ html }) => html),
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
  }
}

interface HostOptions {
  /** How many pours the log holds already. */
  oldPours: number;
}

export const test = party.extend<HostOptions & { host: Host }>({
  oldPours: [0, { option: true }],

  server: async ({ dispensers, oldPours }, use) => {
    const home = mkdtempSync(join(tmpdir(), "pourtocol-e2e-"));
    const database = join(home, "pourtocol.db");
    const server = new Server(await freePort(), database, dispensers);
    try {
      if (oldPours > 0) writeOriginalLog(database, oldPours);
      await server.start();
      await use(server);
    } finally {
      await server.end();
      rmSync(home, { recursive: true, force: true });
    }
  },

  host: async ({ page, server }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) wrong.push(message.text());
    });
    await use(new Host(page, server));
    expect(wrong, "errors in the page").toEqual([]);
  },
});

export { expect };
