/**
 * All that the live stream has said so far as one snapshot, for a window that begins to listen
 * later. It is kept as the server wrote it: that window's page may be of another version, and read
 * what this one does not know. Pure.
 */

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function read(data: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The server's times, each with how many of its units are a millisecond. */
const times = [
  ["timestamp", 1 / 1000],
  ["uptime_ms", 1],
] as const;

export class LatestSnapshot {
  #snapshot: Fields | undefined;
  /** When the server's times were as they stand in it. */
  #timeHeardAt = 0;

  /** Takes in a message as it came, at `now_ms` of a clock that nobody sets. */
  take(type: string, data: string, now_ms: number): void {
    const message = read(data);
    if (!message) {
      this.#snapshot = undefined;
      return;
    }
    if (type === "snapshot") {
      this.#snapshot = message;
      this.#timeHeardAt = now_ms;
      return;
    }
    const snapshot = this.#snapshot;
    if (!snapshot) return;
    if (type === "heartbeat") this.#hearTimes(message, now_ms);
    else if (message.version !== Number(snapshot.version) + 1) this.#snapshot = undefined;
    else this.#change(snapshot, message);
  }

  /** As the server would say it at `now_ms`; nothing before it has said anything. */
  text(now_ms: number): string | undefined {
    if (!this.#snapshot) return undefined;
    const since_ms = now_ms - this.#timeHeardAt;
    const aged = (fields: Fields): Fields => {
      const older = { ...fields };
      for (const [name, per_ms] of times) {
        const time = fields[name];
        if (typeof time === "number") older[name] = time + Math.round(since_ms) * per_ms;
      }
      return older;
    };
    const { status } = this.#snapshot;
    const snapshot = aged(this.#snapshot);
    return JSON.stringify(isFields(status) ? { ...snapshot, status: aged(status) } : snapshot);
  }

  #hearTimes(heartbeat: Fields, now_ms: number): void {
    this.#timeHeardAt = now_ms;
    for (const place of [this.#snapshot, this.#snapshot?.status]) {
      if (!isFields(place)) continue;
      for (const [name] of times)
        if (name in place && name in heartbeat) place[name] = heartbeat[name];
    }
  }

  #change(snapshot: Fields, { version, tap, row }: Fields): void {
    snapshot.version = version;
    const { status } = snapshot;
    if (isFields(row))
      snapshot.last_log_id = Math.max(Number(snapshot.last_log_id), Number(row.id));
    if (!isFields(tap) || !isFields(status) || !Array.isArray(status.taps)) return;
    const taps: unknown[] = status.taps;
    const at = taps.findIndex((other) => isFields(other) && other.name === tap.name);
    if (at >= 0) taps[at] = tap;
    else taps.push(tap);
  }
}
