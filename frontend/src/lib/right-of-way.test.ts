import { describe, expect, it } from "vitest";
import { RightOfWay } from "@/lib/right-of-way";

/** A read that hangs until it is ended, and says how often it was begun. */
function hanging() {
  const begun: AbortSignal[] = [];
  const read = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      begun.push(signal);
      if (begun.length > 1) resolve("read");
      signal.addEventListener("abort", () => reject(new Error("ended")));
    });
  return { begun, read };
}

describe("what is read", () => {
  it("makes way for what is pressed in its own window, and is read after it", async () => {
    const way = new RightOfWay();
    const { begun, read } = hanging();
    const answer = way.read(read);
    await Promise.resolve();
    way.press();
    expect(begun[0]?.aborted).toBe(true);
    expect(begun).toHaveLength(1);
    expect(await answer).toBe("read");
    expect(begun).toHaveLength(2);
  });

  it("makes way for what is pressed in another window", async () => {
    const here = new RightOfWay();
    const there = new RightOfWay();
    const { begun, read } = hanging();
    const answer = here.read(read);
    await Promise.resolve();
    there.press();
    expect(await answer).toBe("read");
    expect(begun[0]?.aborted).toBe(true);
  });

  it("fails as it fails when nothing was pressed", async () => {
    const way = new RightOfWay();
    await expect(way.read(() => Promise.reject(new Error("reset")))).rejects.toThrow("reset");
  });
});
