/**
 * One live stream for all windows of a browser. A browser opens six connections to a server and no
 * more: six windows with a stream each would leave none for STOP.
 *
 * One window leads: it holds the stream and passes on what it hears, word for word. The others
 * follow, and each makes of the words what it would make of a stream of its own. Over plain HTTP
 * browsers have no locks and no service workers, so the windows agree by words alone, and nothing
 * but the number of connections depends on it: whoever hears no leader leads, and of two that lead
 * one gives way. Whoever leaves names an heir; whoever vanishes is missed within two seconds.
 *
 * Windows may show pages of different versions: whoever changes these words changes the channel's
 * name, and has a stream for each version.
 */
import { monotonicNow } from "@/lib/clock";
import { LatestSnapshot } from "@/lib/latest-snapshot";
import { forgetLeader, rememberedLeader, rememberLeader } from "@/lib/storage";

const CHANNEL = "pourtocol.live.1";
const STREAM_URL = "/api/events";
/** A window that says it leads is greeted first, and has this long to answer. */
const GREETING_WAIT_MS = 150;
/** A follower that hears nothing asks this often, and so many times. */
const PING_EVERY_MS = 450;
const PINGS_MAX = 3;
/** Not all followers miss the leader in the same instant. */
const JITTER_MS = 40;

type Word =
  | { kind: "hello" | "ping"; from: string }
  | { kind: "lead"; from: string; live: boolean }
  | { kind: "event"; from: string; to: string | undefined; type: string; data: string }
  | { kind: "lost"; from: string }
  | { kind: "bye"; from: string; heir: string | undefined };

export interface LineListener {
  /** The names of the messages that are listened to. */
  types: readonly string[];
  /** The first one is a snapshot, and so is the first one after `renew`. */
  onMessage: (type: string, data: string) => void;
  onBroken: () => void;
}

type Role = "none" | "greeting" | "leading" | "following" | "alone";

export class SharedLine {
  readonly #id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  readonly #listener: LineListener;
  readonly #channel = openChannel();
  readonly #followers = new Set<string>();
  #role: Role = "none";
  #stream: EventSource | undefined;
  #latest = new LatestSnapshot();
  /** While it leads: its stream has begun to speak. */
  #live = false;
  /** While it follows: whom, and whether a snapshot has come from there. */
  #leader: string | undefined;
  #synced = false;
  #unheard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: LineListener) {
    this.#listener = listener;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data as Word);
  }

  get follows(): boolean {
    return this.#role === "following";
  }

  join(): void {
    if (!this.#channel) {
      this.goAlone();
      return;
    }
    this.#say({ kind: "hello", from: this.#id });
    if (rememberedLeader() === undefined) {
      this.#lead();
    } else {
      this.#role = "greeting";
      this.#timer = setTimeout(() => this.#lead(), GREETING_WAIT_MS);
    }
  }

  /** What has come is of no use, or nothing comes: no message until `renew`. */
  drop(): void {
    this.#synced = false;
    if (!this.#stream) return;
    this.#closeStream();
    if (this.#role === "leading") this.#say({ kind: "lost", from: this.#id });
  }

  /** Asks for a new snapshot, and all that follows it. */
  renew(): void {
    this.#synced = false;
    if (this.#role === "following") this.#say({ kind: "hello", from: this.#id });
    else if (this.#role === "leading" || this.#role === "alone") this.#openStream();
  }

  /** From now on with a stream of its own that nobody shares. */
  goAlone(): void {
    if (this.#role === "leading") this.#say({ kind: "bye", from: this.#id, heir: this.#heir() });
    this.#become("alone");
    this.#openStream();
  }

  /** For good. */
  leave(): void {
    this.#closeStream();
    const heir = this.#role === "leading" ? this.#heir() : undefined;
    this.#say({ kind: "bye", from: this.#id, heir });
    forgetLeader(this.#id);
    this.#become("none");
    this.#channel?.close();
  }

  #become(role: Role): void {
    clearTimeout(this.#timer);
    this.#role = role;
    this.#leader = undefined;
    this.#synced = false;
    this.#followers.clear();
  }

  #say(word: Word): void {
    this.#channel?.postMessage(word);
  }

  /** Who has been heard of last: most likely still there. */
  #heir = (): string | undefined => [...this.#followers].at(-1);

  // --- leading ---

  #lead(): void {
    this.#become("leading");
    rememberLeader(this.#id);
    this.#openStream();
    this.#say({ kind: "lead", from: this.#id, live: false });
  }

  #openStream(): void {
    this.#closeStream();
    const stream = new EventSource(STREAM_URL);
    this.#stream = stream;
    stream.addEventListener("error", () => {
      if (this.#stream !== stream) return;
      this.drop();
      this.#listener.onBroken();
    });
    for (const type of this.#listener.types) {
      stream.addEventListener(type, (event) => {
        if (this.#stream === stream) this.#pass(type, (event as MessageEvent<string>).data);
      });
    }
  }

  #closeStream(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#live = false;
    this.#latest = new LatestSnapshot();
  }

  #pass(type: string, data: string): void {
    if (this.#role === "leading") {
      this.#latest.take(type, data, monotonicNow());
      if (type === "snapshot") this.#live = true;
      this.#say({ kind: "event", from: this.#id, to: undefined, type, data });
    }
    this.#listener.onMessage(type, data);
  }

  #answer(word: Extract<Word, { kind: "hello" | "ping" }>): void {
    this.#followers.delete(word.from);
    this.#followers.add(word.from);
    this.#say({ kind: "lead", from: this.#id, live: this.#live });
    const data = word.kind === "hello" ? this.#latest.text(monotonicNow()) : undefined;
    if (data === undefined) return;
    this.#say({ kind: "event", from: this.#id, to: word.from, type: "snapshot", data });
  }

  /** Another one leads too: the one whose stream speaks stays, and of equals the lesser name. */
  #contest(other: string, live: boolean): void {
    const gives_way = live === this.#live ? other < this.#id : live;
    if (gives_way) {
      this.#say({ kind: "bye", from: this.#id, heir: other });
      this.#closeStream();
      this.#follow(other);
      this.#say({ kind: "hello", from: this.#id });
    } else {
      rememberLeader(this.#id);
      this.#say({ kind: "lead", from: this.#id, live: this.#live });
    }
  }

  // --- following ---

  #follow(leader: string): void {
    this.#become("following");
    this.#leader = leader;
    this.#listenFor();
  }

  #listenFor(): void {
    this.#unheard = 0;
    const tick = () => {
      this.#unheard += 1;
      if (this.#unheard > PINGS_MAX) {
        this.#lead();
        return;
      }
      if (this.#unheard > 1) this.#say({ kind: "ping", from: this.#id });
      this.#timer = setTimeout(tick, PING_EVERY_MS);
    };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(tick, PING_EVERY_MS + JITTER_MS * Math.random());
  }

  #succeed(heir: string | undefined): void {
    if (heir === undefined || heir === this.#id) {
      this.#lead();
      return;
    }
    this.#follow(heir);
    // It may have led for long, and then tells nobody everything but who asks.
    this.#say({ kind: "hello", from: this.#id });
  }

  #hear(word: Word): void {
    if (this.#role === "leading") this.#hearAsLeader(word);
    else if (this.#role === "greeting") this.#hearGreeted(word);
    else if (this.#role === "following") this.#hearAsFollower(word);
  }

  #hearAsLeader(word: Word): void {
    if (word.kind === "hello" || word.kind === "ping") this.#answer(word);
    else if (word.kind === "lead") this.#contest(word.from, word.live);
    else if (word.kind === "event" && word.to === undefined) this.#contest(word.from, true);
    else if (word.kind === "bye") this.#followers.delete(word.from);
  }

  #hearGreeted(word: Word): void {
    if (word.kind !== "lead" && word.kind !== "event") return;
    this.#follow(word.from);
    this.#hearAsFollower(word);
  }

  #hearAsFollower(word: Word): void {
    if (word.from !== this.#leader) return;
    this.#unheard = 0;
    switch (word.kind) {
      case "event":
        if (word.to !== undefined && word.to !== this.#id) return;
        if (word.type === "snapshot") this.#synced = true;
        if (this.#synced) this.#listener.onMessage(word.type, word.data);
        return;
      case "lost":
        this.#synced = false;
        this.#listener.onBroken();
        return;
      case "bye":
        this.#succeed(word.heir);
        return;
      default:
        return;
    }
  }
}

/** The windows' common channel; nothing where the browser has none. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return undefined;
  }
}
