/** Real processes, started until they say that they are ready and ended by their own handle. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const START_MAX_MS = 20_000;

export class Process {
  readonly #child: ChildProcess;
  readonly #gone: Promise<number | null>;
  /** Everything it has said, for the report of a failed test. */
  readonly lines: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = new Promise((resolve) => child.once("exit", resolve));
  }

  /** Resolves once it has printed a line that matches `ready`. */
  static async start(program: string, args: string[], ready: RegExp): Promise<Process> {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const process = new Process(child);
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => {
        child.kill("SIGKILL");
        reject(new Error(`${program} ${args.join(" ")}: ${why}\n${process.lines.join("\n")}`));
      };
      const bound = setTimeout(() => fail("not ready in time"), START_MAX_MS);
      child.once("error", (error) => fail(error.message));
      void process.#gone.then((code) => fail(`ended at once with ${code}`));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          process.lines.push(line);
          if (!ready.test(line)) return;
          clearTimeout(bound);
          resolve();
        });
      }
    });
    return process;
  }

  /** What `pattern` captures in the first line that matches. */
  said(pattern: RegExp): string {
    for (const line of this.lines) {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) return found;
    }
    throw new Error(`nothing like ${pattern} in:\n${this.lines.join("\n")}`);
  }

  /** Resolves when it is gone. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    await this.#gone;
  }
}

/** A port that is free now, for a server that is to come back on the same one. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
