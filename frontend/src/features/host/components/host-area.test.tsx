// @vitest-environment jsdom
import "@/test/browser";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { ReactElement } from "react";
import { beforeEach, expect, it } from "vitest";
import HostPages from "@/features/host/components/host-area";
import { hearTime } from "@/lib/clock";
import { hearUptime } from "@/lib/deadline";
import { initialLiveState, type LiveState } from "@/lib/live-state";
import { aMachine, aPour, aRow, aTap } from "@/test/samples";
import { server } from "@/test/server";
import { WithLive } from "@/test/with-live";

const HostArea = ({ live }: { live: LiveState }) => (
  <WithLive live={live}>
    <HostPages log={null} />
  </WithLive>
);

const known: LiveState = { ...initialLiveState, link: "live", known: true };
const gin = aTap({ name: "gin", drink: "Gin & Tonic" });
const rum = aTap({ name: "rum" });

/** The server's side: what it was told, and what it says. */
let told: { path: string; body: unknown }[];
let machines: { tap: string; code: string; reason: string }[];
let reachable: boolean;
let poured: number;
let user: ReturnType<typeof userEvent.setup>;

beforeEach(() => {
  history.replaceState(null, "", "/host");
  hearTime(1_790_000_000);
  hearUptime("a1", 60_000);
  told = [];
  machines = [];
  reachable = true;
  poured = 0;
  user = userEvent.setup();
  const hear = async (path: string, request: Request, answer: object) => {
    told.push({ path, body: await request.json() });
    return reachable ? HttpResponse.json({ success: true, ...answer }) : HttpResponse.error();
  };
  server.use(
    http.post("*/api/stop", ({ request }) => hear("stop", request, { taps: machines })),
    http.post("*/api/resume", ({ request }) => hear("resume", request, {})),
    http.get("*/api/totals", ({ request }) => {
      const since = Number(new URL(request.url).searchParams.get("since"));
      const total = (tap: string) => ({ tap, pours: poured, delivered_ml: poured * 30 });
      return HttpResponse.json({ since, taps: [total("gin"), total("rum")] });
    }),
  );
});

const press = async (name: string | RegExp) =>
  user.click(await screen.findByRole("button", { name }));
/** The cards come in a script of their own. */
const open = (area: ReactElement) => act(async () => render(area));
const card = (name: string) => within(screen.getByRole("article", { name }));

it("stops everything before anything is known of the machines", async () => {
  render(<HostArea live={initialLiveState} />);
  await press("Stop all");
  await waitFor(() => expect(told).toEqual([{ path: "stop", body: {} }]));
});

it("says loudly that a stop may not have arrived, until one has", async () => {
  reachable = false;
  await open(<HostArea live={{ ...known, taps: [gin, rum] }} />);
  await press("Stop all");
  expect(await screen.findByRole("alert")).toHaveTextContent("the stop may not have arrived");
  reachable = true;
  await press("Stop again");
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  expect(told).toHaveLength(2);
});

it("says before an emergency that a stop from here would be refused", async () => {
  server.use(
    http.post("*/api/admission", () =>
      HttpResponse.json(
        { success: false, code: "wrong_host", reason: "Tell the server its public URL." },
        { status: 421 },
      ),
    ),
  );
  await open(<HostArea live={{ ...known, serverId: "a1", taps: [gin] }} />);
  expect(await screen.findByRole("alert")).toHaveTextContent("Tell the server its public URL.");
});

it("names the machine that does not answer a stop until it is seen at rest", async () => {
  machines = [{ tap: "rum", code: "no_answer", reason: "No." }];
  const show = (tap: typeof rum) => <HostArea live={{ ...known, taps: [gin, tap] }} />;
  const { rerender } = await open(show(rum));
  await press("Stop rum");
  expect(await screen.findByRole("alert")).toHaveTextContent("rum: It does not answer");
  expect(told).toEqual([{ path: "stop", body: { tap: "rum" } }]);
  rerender(show({ ...rum, online: false, state: "offline", stopped: true }));
  expect(screen.getByRole("alert")).toBeVisible();
  rerender(show({ ...rum, stopped: true }));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(card("rum").getByText("It is back, and not pouring.")).toBeVisible();
});

it("offers no resume of a stop that has no number yet", async () => {
  const show = (stop_id: number) => (
    <HostArea
      live={{ ...known, taps: [gin, rum].map((tap) => ({ ...tap, stopped: true, stop_id })) }}
    />
  );
  const { rerender } = await open(show(0));
  expect(screen.queryByRole("button", { name: /^Resume/ })).toBeNull();
  rerender(show(7));
  expect(screen.getAllByRole("button", { name: /^Resume/ })).toHaveLength(3);
});

it("resumes only after a second press, and says so when that fails", async () => {
  const stopped = { ...gin, stopped: true, stop_id: 7, ready: false };
  await open(<HostArea live={{ ...known, taps: [stopped, rum] }} />);
  await press("Resume gin");
  expect(told).toEqual([]);
  reachable = false;
  await press("Yes, resume");
  expect(await screen.findByRole("alert")).toHaveTextContent("The server did not answer.");
  reachable = true;
  await press("Yes, resume");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const deadline = { server_id: "a1", expires_ms: expect.any(Number) };
  expect(told.at(-1)).toEqual({ path: "resume", body: { tap: "gin", stop: 7, ...deadline } });
});

it("does not lift a stop that was pressed while the host thought it over", async () => {
  const stopped = { ...gin, stopped: true, ready: false };
  const show = (stop_id: number) => (
    <HostArea
      live={{
        ...known,
        taps: [
          { ...stopped, stop_id },
          { ...rum, stop_id: 0 },
        ],
      }}
    />
  );
  const { rerender } = await open(show(7));
  const stops: unknown[] = [];
  server.use(
    http.post("*/api/resume", async ({ request }) => {
      const { stop } = (await request.json()) as { stop: number };
      stops.push(stop);
      if (stop === 8) return HttpResponse.json({ success: true });
      const reason = "gin has been stopped again since: look before you resume it.";
      return HttpResponse.json({ success: false, code: "stopped_again", reason }, { status: 409 });
    }),
  );
  await press("Resume gin");
  rerender(show(8));
  await press("Yes, resume");
  expect(await screen.findByRole("alert")).toHaveTextContent("stopped again since");
  expect(stops).toEqual([7]);
  await press("Yes, resume");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(stops).toEqual([7, 8]);
});

it("shows the running pour, and keeps STOP beside RESUME while one still flows", async () => {
  const pour = aPour({ delivered_ml: 12.34 });
  const tap = aTap({ ...gin, state: "pouring", stopped: true, stop_id: 7, pour });
  await open(<HostArea live={{ ...known, taps: [tap, rum] }} />);
  expect(card("gin").getByText("12.3")).toBeVisible();
  expect(card("gin").getByText("For Ada")).toBeVisible();
  expect(card("gin").getByText("Gin & Tonic")).toBeVisible();
  expect(card("gin").getByRole("button", { name: "Stop gin" })).toBeVisible();
  expect(card("gin").getByRole("button", { name: "Resume gin" })).toBeVisible();
});

it("counts today's pours anew whenever one is settled", async () => {
  const { rerender } = await open(<HostArea live={{ ...known, taps: [gin, rum] }} />);
  expect(await card("gin").findByText("· 0 pours")).toBeVisible();
  poured = 1;
  const log = [aRow({ id: 5, status: "success", outcome: "done" })];
  rerender(<HostArea live={{ ...known, taps: [gin, rum], log }} />);
  expect(await card("gin").findByText("· 1 pour")).toBeVisible();
});

it("says since when it knows nothing new", async () => {
  const { rerender } = await open(<HostArea live={{ ...known, taps: [gin] }} />);
  await act(async () => rerender(<HostArea live={{ ...known, taps: [gin], link: "lost" }} />));
  expect(await screen.findByText(/Connection lost at .* STOP is still sent\./)).toBeVisible();
  await act(async () => rerender(<HostArea live={{ ...known, taps: [gin] }} />));
  await waitFor(() => expect(screen.queryByText(/Connection lost/)).toBeNull());
});

it("tells beside the interlocks of a machine that its supply sagged", async () => {
  const why = { tap: "gin", ready: true, interlocks: [], machine: aMachine() };
  server.use(http.get("*/api/why", () => HttpResponse.json(why)));
  await open(<HostArea live={{ ...known, taps: [{ ...gin, reset_reason: "brown_out" }] }} />);
  await press("Why? gin");
  expect(await screen.findByText("Last restart: the supply sagged (brown-out)")).toBeVisible();
});

it("takes a replaced board over at the second press, and says why it cannot", async () => {
  let machine = aMachine({
    says_id: "00000000000000b2",
    mismatch: "another_machine",
    machine_of: "rum",
    adoptable: true,
  });
  let refusal: object | undefined = { success: false, reason: "No.", code: "wrong_machine" };
  server.use(
    http.get("*/api/why", () => {
      const lock = { name: "right_machine", ok: machine.mismatch === null, value: "", action: "" };
      return HttpResponse.json({ tap: "gin", ready: lock.ok, interlocks: [lock], machine });
    }),
    http.post("*/api/taps/gin/machine", async ({ request }) => {
      told.push({ path: "machine", body: await request.json() });
      if (refusal) return HttpResponse.json(refusal, { status: 409 });
      machine = aMachine({ known_id: machine.says_id, says_id: machine.says_id });
      return HttpResponse.json({ success: true });
    }),
  );
  await open(<HostArea live={{ ...known, taps: [gin, rum] }} />);
  await press("Why? gin");
  expect(await screen.findByText("The machine at this address is the one of “rum”.")).toBeVisible();
  await press("Take over this machine");
  expect(told).toEqual([]);
  expect(screen.getByText(/“rum” then has no machine any more\.$/)).toBeVisible();
  await press("Yes, take it over");
  expect(await screen.findByRole("alert")).toHaveTextContent("No.");
  refusal = undefined;
  await press("Yes, take it over");
  const body = {
    action: "adopt",
    machine_id: "00000000000000b2",
    server_id: "a1",
    expires_ms: expect.any(Number),
  };
  const wish = { path: "machine", body };
  await waitFor(() => expect(told).toEqual([wish, wish]));
  await waitFor(() => expect(screen.queryByText("Take over this machine")).toBeNull(), {
    timeout: 3000,
  });
});
