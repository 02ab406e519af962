/**
 * A phone behind a router that can swallow every packet, as bad Wi-Fi does: what the page has sent
 * and given up is then still in the phone's kernel, which goes on sending it.
 *
 *     server (the network of this process) -- router -- phone (the browser)
 *
 * All three are network namespaces: ./dev test starts this process in one of its own.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether this process has a network of its own, to which others may be joined. */
export const inOwnNetwork = process.env.POURTOCOL_OWN_NETWORK === "1";

function ip(...words: string[]): void {
  const { status, stderr, error } = spawnSync("ip", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${words.join(" ")}: ${error?.message ?? stderr}`);
}

const ROUTER = "pourtocol-router";
const PHONE = "pourtocol-phone";

export class Network {
  readonly #folder = mkdtempSync(join(tmpdir(), "pourtocol-network-"));
  /** Where the server listens. */
  readonly serverHost = "10.77.0.1";
  /** To be started as the browser: it then has the phone's network. */
  readonly browser = join(this.#folder, "browser");

  constructor(browser: string) {
    this.#removeNamespaces(); // of a test that was killed
    for (const name of [ROUTER, PHONE]) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    const plug = (own: string[], address: string, name: string) => {
      ip(...own, "addr", "add", `${address}/24`, "dev", name);
      ip(...own, "link", "set", name, "up");
    };
    const router = ["-n", ROUTER];
    const phone = ["-n", PHONE];
    ip("link", "add", "lan", "type", "veth", "peer", "name", "uplink", "netns", ROUTER);
    ip(...router, "link", "add", "radio", "type", "veth", "peer", "name", "wifi", "netns", PHONE);
    plug([], this.serverHost, "lan");
    plug(router, "10.77.0.2", "uplink");
    plug(router, "10.77.1.1", "radio");
    plug(phone, "10.77.1.2", "wifi");
    ip("route", "add", "10.77.1.0/24", "via", "10.77.0.2");
    ip(...phone, "route", "add", "default", "via", "10.77.1.1");
    this.pass();
    writeFileSync(this.browser, `#!/bin/sh\nexec ip netns exec ${PHONE} ${browser} "$@"\n`);
    chmodSync(this.browser, 0o755);
  }

  /** From now on the router drops every packet, and tells nobody. */
  swallow = () => this.#forward(false);
  pass = () => this.#forward(true);

  /** The browser has to be closed before. */
  remove(): void {
    this.#removeNamespaces();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #forward(on: boolean): void {
    const write = `echo ${on ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`;
    ip("netns", "exec", ROUTER, "sh", "-c", write);
  }

  #removeNamespaces(): void {
    for (const name of [ROUTER, PHONE]) {
      spawnSync("ip", ["netns", "delete", name], { stdio: "ignore" });
    }
  }
}
