// @vitest-environment jsdom
import "@/test/browser";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "@/App";
import { speak } from "@/lib/texts/speech";
import { FakeEventSource } from "@/test/fake-event-source";
import { aPour, aReceipt, aRow, aTap } from "@/test/samples";
import { server } from "@/test/server";
import type { Tap } from "@/types/wire";

/** The machine's side of the story. */
class Machine {
  #version = 1;
  readonly orders: Record<string, unknown>[] = [];
  readonly stops: unknown[] = [];

  constructor() {
    server.use(
      http.post("*/api/dispense", async ({ request }) => {
        const order = (await request.json()) as Record<string, unknown>;
        this.orders.push(order);
        return HttpResponse.json({ success: true, request_id: order.request_id, tap: order.tap });
      }),
      http.post("*/api/stop", async ({ request }) => {
        this.stops.push(await request.json());
        return HttpResponse.json({ success: true, taps: [] });
      }),
      http.get("*/api/pours/:id", () =>
        HttpResponse.json(
          { success: false, code: "unknown_request", reason: "Nobody asked for that." },
          { status: 404 },
        ),
      ),
    );
  }

  shows(...taps: Tap[]): Promise<void> {
    const status = {
      version: this.#version,
      timestamp: 1,
      uptime_ms: 60_000,
      public_url: null,
      taps,
    };
    return this.#send("snapshot", { server_id: "a", last_log_id: 0, status });
  }

  changes(tap: Tap): Promise<void> {
    this.#version += 1;
    return this.#send("tap", { tap });
  }

  writes(row: ReturnType<typeof aRow>): Promise<void> {
    this.#version += 1;
    return this.#send("log", { row });
  }

  dies(): Promise<void> {
    return this.#happens((stream) => stream.fail());
  }

  #send(type: string, data: object): Promise<void> {
    return this.#happens((stream) => stream.send(type, { version: this.#version, ...data }));
  }

  /** And the page has had the breath that it takes between two news. */
  #happens(what: (stream: FakeEventSource) => void): Promise<void> {
    return act(async () => {
      what(FakeEventSource.newest);
      await new Promise((resolve) => setTimeout(resolve));
    });
  }
}

let machine: Machine;
let user: ReturnType<typeof userEvent.setup>;

const bigButton = (name: string | RegExp) => screen.getByRole("button", { name });
const glass = () => screen.getByRole("progressbar", { name: "Glass" });

beforeEach(() => {
  FakeEventSource.install();
  machine = new Machine();
  user = userEvent.setup();
});
afterEach(() => vi.unstubAllGlobals());

function openPage({ guest }: { guest?: string } = {}): void {
  if (guest) localStorage.setItem("pourtocol.guest", guest);
  render(<App />);
}

async function pressPour(): Promise<string> {
  await user.click(bigButton(/pour 30 ml/i));
  await waitFor(() => expect(machine.orders).toHaveLength(1));
  return String(machine.orders[0]?.request_id);
}

describe("a guest's first pour", () => {
  it("asks who it is, then orders exactly what was chosen", async () => {
    openPage();
    await machine.shows(aTap());
    expect(bigButton("Say who is pouring")).toHaveAttribute("aria-disabled", "true");
    await user.click(bigButton("Say who is pouring"));
    await user.keyboard(" Ada {Enter}");
    await user.click(screen.getByRole("radio", { name: /45/ }));
    await user.click(bigButton(/pour 45 ml/i));
    await waitFor(() => expect(machine.orders).toHaveLength(1));
    expect(machine.orders[0]).toEqual({
      amount_ml: 45,
      user_token: "Ada",
      tap: "main",
      request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      server_id: "a",
      expires_ms: expect.any(Number),
    });
    // Eight seconds after the press, by the server's clock.
    const expires_ms = Number(machine.orders[0]?.expires_ms);
    expect(expires_ms).toBeGreaterThanOrEqual(68_000);
    expect(Number.isInteger(expires_ms)).toBe(true);
    expect(localStorage.getItem("pourtocol.guest")).toBe("Ada");
  });

  it("fills the glass with what the device reports, then gives a receipt", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    const request_id = await pressPour();
    const pouring = { state: "pouring", ready: false } as const;
    await machine.changes(aTap({ ...pouring, pour: aPour({ request_id, delivered_ml: 12.34 }) }));
    expect(glass()).toHaveAttribute("aria-valuenow", "12.34");
    expect(glass()).toHaveAttribute("aria-valuemax", "30");
    expect(screen.getByText("12.3")).toBeVisible();
    await machine.changes(aTap({ last: aReceipt({ request_id }) }));
    const receipt = screen.getByRole("region", { name: "Receipt" });
    expect(receipt).toHaveTextContent("29.8 ml poured");
    expect(localStorage.getItem("pourtocol.order")).toBeNull();
  });

  it("does not pour twice on a double tap, nor stop", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    await user.dblClick(bigButton(/pour 30 ml/i));
    await waitFor(() => expect(machine.orders).toHaveLength(1));
    expect(machine.stops).toHaveLength(0);
  });
});

describe("while pouring", () => {
  it("is honest about a machine that does not say how far it is", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap({ protocol: 1 }));
    const request_id = await pressPour();
    await machine.changes(
      aTap({ state: "pouring", pour: aPour({ request_id, delivered_ml: null }) }),
    );
    expect(glass()).not.toHaveAttribute("aria-valuenow");
    expect(screen.getByText("This machine does not say how far it is.")).toBeVisible();
  });

  it("stops that one pour, and only that", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    const request_id = await pressPour();
    await machine.changes(aTap({ state: "pouring", pour: aPour({ request_id }) }));
    await user.click(await screen.findByRole("button", { name: /^stop$/i }));
    await waitFor(() => expect(machine.stops).not.toEqual([]));
    // While the order is open it is said again.
    for (const stop of machine.stops) expect(stop).toEqual({ request_id });
    expect(bigButton("Stopping…")).toHaveAttribute("aria-disabled", "true");
  });

  it("stays with its tap, whatever is chosen meanwhile", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap({ name: "gin" }), aTap({ name: "rum" }));
    await pressPour();
    expect(screen.getByRole("radio", { name: /gin/ })).toBeChecked();
    expect(screen.getByRole("radio", { name: /rum/ })).toBeDisabled();
  });

  it("survives a reload: the pour is found again and never ordered again", async () => {
    const order = { requestId: "r1", tap: "main", amountMl: 30, userToken: "Ada", pressedAt: 1 };
    localStorage.setItem("pourtocol.order", JSON.stringify(order));
    server.use(
      http.get("*/api/pours/r1", () =>
        HttpResponse.json(aReceipt({ final: false, state: "accepted", status: "started" })),
      ),
    );
    openPage({ guest: "Ada" });
    await machine.shows(aTap({ state: "pouring", pour: aPour(), ready: false }));
    expect(await screen.findByRole("button", { name: /^stop$/i })).toBeVisible();
    await machine.changes(aTap({ last: aReceipt() }));
    expect(screen.getByRole("region", { name: "Receipt" })).toBeVisible();
    expect(machine.orders).toHaveLength(0);
  });

  it("asks again under the same id when the answer was lost", async () => {
    let lost = 0;
    server.use(
      http.post("*/api/dispense", async ({ request }) => {
        machine.orders.push((await request.json()) as Record<string, unknown>);
        lost += 1;
        return lost === 1
          ? HttpResponse.error()
          : HttpResponse.json({ success: true, request_id: "x" });
      }),
    );
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    await user.click(bigButton(/pour 30 ml/i));
    await waitFor(() => expect(machine.orders).toHaveLength(2));
    expect(machine.orders[1]).toEqual(machine.orders[0]);
  });
});

describe("an order that does not arrive", () => {
  const order = { requestId: "r1", tap: "main", amountMl: 30, userToken: "Ada", pressedAt: 1 };

  it("is not told as such before the server has given it up for ever", async () => {
    localStorage.setItem("pourtocol.order", JSON.stringify(order));
    let away = true;
    server.use(
      http.post("*/api/stop", async ({ request }) => {
        machine.stops.push(await request.json());
        return away
          ? HttpResponse.error()
          : HttpResponse.json({ success: true, code: "given_up", taps: [] });
      }),
    );
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    expect(await screen.findByRole("region", { name: "Still finding out" })).toBeVisible();
    await waitFor(() => expect(machine.stops.length).toBeGreaterThan(1));
    expect(screen.queryByText("Nothing was poured")).toBeNull();
    expect(screen.queryByRole("button", { name: /pour 30 ml/i })).toBeNull();
    away = false;
    expect(await screen.findByText("Nothing was poured")).toBeVisible();
    expect(screen.queryByRole("region", { name: "Still finding out" })).toBeNull();
    for (const stop of machine.stops) expect(stop).toEqual({ request_id: "r1" });
    expect(machine.orders).toHaveLength(0);
  });
});

describe("when it cannot pour", () => {
  it("says what to do on the button, and a press orders nothing", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(
      aTap({
        glass_present: false,
        ready: false,
        blocked_by: { code: "no_glass", reason: "Place a glass." },
      }),
    );
    await user.click(bigButton("Place a glass"));
    expect(machine.orders).toHaveLength(0);
    await machine.changes(aTap());
    expect(bigButton(/pour 30 ml/i)).toHaveAttribute("aria-disabled", "false");
  });

  it("shows the server's refusal", async () => {
    server.use(
      http.post("*/api/dispense", () =>
        HttpResponse.json(
          { success: false, code: "busy", reason: "Another pour is running. Wait for it." },
          { status: 409 },
        ),
      ),
    );
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    await user.click(bigButton(/pour 30 ml/i));
    const receipt = await screen.findByRole("region", { name: "Receipt" });
    expect(receipt).toHaveTextContent("Nothing was poured");
    expect(receipt).toHaveTextContent("Another pour is running. Wait for it.");
  });

  it("is stale and closed while the connection is down, and recovers by itself", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    await machine.dies();
    expect(bigButton("Reconnecting…")).toHaveAttribute("aria-disabled", "true");
    expect(screen.getByText("Connection lost. This may be out of date.")).toBeVisible();
    await waitFor(() => expect(FakeEventSource.opened).toHaveLength(2));
    await machine.shows(aTap());
    expect(bigButton(/pour 30 ml/i)).toHaveAttribute("aria-disabled", "false");
    expect(screen.queryByText("Connection lost. This may be out of date.")).toBeNull();
  });
});

describe("a custom amount", () => {
  const type = async (text: string) => {
    const input = screen.getByRole("textbox", { name: "Custom amount in ml" });
    await user.clear(input);
    if (text) await user.type(input, text);
  };

  beforeEach(async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    await user.click(screen.getByRole("radio", { name: "Custom" }));
  });

  it.each([
    ["61", "60 ml is the most for one pour."],
    ["0", "1 ml is the least."],
    ["-1", "1 ml is the least."],
    ["abc", "Whole millilitres only, 1 to 60."],
    ["", "Enter 1 to 60 ml."],
  ])("refuses %j clearly and orders nothing", async (text, problem) => {
    await type(text);
    expect(screen.getByRole("alert")).toHaveTextContent(problem);
    await user.click(bigButton("Choose 1 to 60 ml"));
    expect(machine.orders).toHaveLength(0);
  });

  it("takes 60 and steps down from there", async () => {
    await type("60");
    expect(screen.getByRole("button", { name: "1 ml more" })).toBeDisabled();
    await user.click(screen.getByRole("button", { name: "1 ml less" }));
    expect(bigButton(/pour 59 ml/i)).toBeVisible();
  });
});

it("shows a receipt only with the tap it belongs to", async () => {
  openPage({ guest: "Ada" });
  await machine.shows(aTap({ name: "gin" }), aTap({ name: "rum" }));
  const request_id = await pressPour();
  await machine.changes(aTap({ name: "gin", last: aReceipt({ request_id, tap: "gin" }) }));
  expect(screen.getByRole("region", { name: "Receipt" })).toBeVisible();
  await user.click(screen.getByRole("radio", { name: /rum/ }));
  expect(screen.queryByRole("region", { name: "Receipt" })).toBeNull();
  expect(screen.getByRole("img", { name: "Glass: 0 of 30 ml" })).toBeVisible();
});

describe("a tap that is gone", () => {
  it("is not silently another one: the guest is asked", async () => {
    localStorage.setItem("pourtocol.tap", "gin");
    openPage({ guest: "Ada" });
    await machine.shows(aTap({ name: "rum" }));
    expect(screen.getByRole("alert")).toHaveTextContent("The tap “gin” is gone");
    await user.click(bigButton("Choose a tap"));
    expect(machine.orders).toHaveLength(0);
    await user.click(screen.getByRole("radio", { name: /rum/ }));
    expect(screen.queryByRole("alert")).toBeNull();
    await pressPour();
    expect(machine.orders[0]).toMatchObject({ tap: "rum" });
  });

  it("is asked about while the guest looks at it", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap({ name: "gin" }), aTap({ name: "rum" }));
    await user.click(screen.getByRole("radio", { name: /gin/ }));
    await machine.shows(aTap({ name: "rum" }), aTap({ name: "vodka" }));
    expect(screen.getByRole("alert")).toHaveTextContent("The tap “gin” is gone");
    for (const radio of screen.getAllByRole("radio", { name: /rum|vodka/ })) {
      expect(radio).not.toBeChecked();
    }
  });
});

it("says at once where the server would take no press", async () => {
  server.use(
    http.post("*/api/admission", () =>
      HttpResponse.json(
        { success: false, code: "wrong_origin", reason: "Tell the server its public URL." },
        { status: 403 },
      ),
    ),
  );
  openPage({ guest: "Ada" });
  await machine.shows(aTap());
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("refuses every POUR and STOP from this address");
  expect(alert).toHaveTextContent("Tell the server its public URL.");
});

describe("the log", () => {
  it("grows live, one entry per pour", async () => {
    server.use(
      http.get("*/api/logs", () => HttpResponse.json([aRow({ id: 1, request_id: "old" })])),
    );
    openPage();
    await machine.shows(aTap());
    await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(1));
    await machine.writes(aRow({ id: 2, request_id: "new", user_token: "Mika" }));
    await machine.writes(
      aRow({
        id: 3,
        request_id: "new",
        user_token: "Mika",
        status: "failed",
        outcome: "partial",
        delivered_ml: 12.3,
        reason: "The glass was lifted.",
      }),
    );
    const [first, ...rest] = screen.getAllByRole("listitem");
    expect(rest).toHaveLength(1);
    expect(within(first as HTMLElement).getByText("Mika")).toBeVisible();
    expect(first).toHaveTextContent("12.3 of 30 ml");
    expect(first).toHaveTextContent("The glass was lifted.");
  });
});

describe("somebody who cannot see it", () => {
  it("is told when it is ready, pouring and done", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    const said = () => screen.getByRole("status").textContent;
    expect(said()).toBe("Ready to pour.");
    const request_id = await pressPour();
    expect(said()).toBe("Pouring 30 ml.");
    await machine.changes(aTap({ last: aReceipt({ request_id }) }));
    expect(said()).toContain("29.8 ml poured.");
  });

  it("is told what is in the way", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(
      aTap({ ready: false, blocked_by: { code: "no_glass", reason: "Place a glass." } }),
    );
    expect(screen.getByRole("status")).toHaveTextContent("Place a glass.");
  });
});

describe("another language", () => {
  afterEach(async () => {
    await speak("en");
  });

  it("is spoken at once and everywhere, and takes nothing from a pour under way", async () => {
    openPage({ guest: "Ada" });
    await machine.shows(aTap());
    const id = await pressPour();
    await machine.changes(aTap({ state: "pouring", pour: aPour({ request_id: id }) }));
    await machine.writes(aRow({ request_id: id }));
    await user.click(bigButton("Settings"));
    const [settings] = await screen.findAllByRole("dialog");
    await user.click(within(settings as HTMLElement).getByRole("radio", { name: "Polski" }));
    await user.click(screen.getByRole("button", { name: "Switch to Polski" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());

    expect(screen.getByRole("heading", { name: "Ostatnio nalane" })).toBeVisible();
    expect(screen.getByRole("progressbar", { name: "Szklanka" })).toBeVisible();
    // A row of the log that has not changed itself.
    expect(within(screen.getByRole("list")).getByText("W toku")).toBeVisible();
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    await waitFor(() => expect(machine.stops[0]).toEqual({ request_id: id }));
    expect(localStorage.getItem("pourtocol.language")).toBe("pl");
    expect(document.body.textContent).not.toMatch(/Poured lately|Pouring|Settings|Stopping/);
  });
});
