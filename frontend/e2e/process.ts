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

// Below the ports that kernels choose from (Linux: 32768 and up), so that nobody who wants any is
// given one of ours while what listens there is away. Each worker has its own; two runs on one
// machine hardly ever begin at the same one.
const PORTS_PER_WORKER = 1000;
const portsFrom = 20_000 + Number(process.env.TEST_PARALLEL_INDEX ?? 0) * PORTS_PER_WORKER;
let next = process.pid % PORTS_PER_WORKER;

/** A port for what is to come back on the same one. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_PER_WORKER; tries++) {
    const port = portsFrom + next;
    next = (next + 1) % PORTS_PER_WORKER;
    if (await isFree(port)) return port;
  }
  throw new Error(`every port from ${portsFrom} on is taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
