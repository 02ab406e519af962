// @vitest-environment jsdom
import "@/test/browser";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LogHead as Shown } from "@/features/log/components/log-head";
import { initialLiveState, type LiveState } from "@/lib/live-state";
import { speak } from "@/lib/texts/speech";
import { aRow } from "@/test/samples";
import { server } from "@/test/server";
import { WithLive } from "@/test/with-live";

const LogHead = ({ live }: { live: LiveState }) => (
  <WithLive live={live}>
    <Shown />
  </WithLive>
);

const live: LiveState = { ...initialLiveState, link: "live", known: true };
const digits = "618b94c40c7f72ad7df02c702bf3920b";

let answers: object[];
let asked: number;

beforeEach(() => {
  answers = [{ head: `1-2-0-0-0:${digits}` }, { head: `2-3-0-0-0:${digits}` }];
  asked = 0;
  server.use(
    http.get("*/api/log/head", () => {
      const answer = answers[asked];
      asked += 1;
      return answer === undefined ? HttpResponse.error() : HttpResponse.json(answer);
    }),
  );
});

afterEach(async () => {
  await speak("en");
});

it.each([
  ["en", "Head of the log", "Keep it somewhere else"],
  ["de", "Kopf des Protokolls", "Anderswo als auf dem Server"],
  ["pl", "Głowa dziennika", "gdzie indziej niż na serwerze"],
] as const)(
  "in %s tells where the log ends and what that is good for",
  async (language, title, says) => {
    await speak(language);
    render(<LogHead live={live} />);
    expect(asked).toBe(0);
    await userEvent.click(screen.getByText(title));
    expect(await screen.findByText(`1-2-0-0-0:${digits}`)).toBeVisible();
    expect(screen.getByText(says, { exact: false })).toHaveTextContent("pourtocol check --head");
  },
);

it("is told anew with every row, and keeps the last one when the server does not tell", async () => {
  const { rerender } = render(<LogHead live={live} />);
  await userEvent.click(screen.getByText("Head of the log"));
  await screen.findByText(`1-2-0-0-0:${digits}`);
  rerender(<LogHead live={{ ...live, log: [aRow({ id: 2 })] }} />);
  await screen.findByText(`2-3-0-0-0:${digits}`);
  rerender(<LogHead live={{ ...live, log: [aRow({ id: 3 })] }} />);
  expect(await screen.findByRole("status")).toHaveTextContent("does not tell the head now");
  expect(screen.getByText(`2-3-0-0-0:${digits}`)).toBeVisible();
});

it("shows nothing that is no head", async () => {
  answers = [{ head: "<b>whole</b>" }];
  render(<LogHead live={live} />);
  await userEvent.click(screen.getByText("Head of the log"));
  expect(await screen.findByRole("status")).toBeVisible();
  expect(document.querySelector("code")).toBeNull();
});
