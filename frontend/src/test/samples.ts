/** Well-formed messages of the server, to be varied by each test. */

import type { Machine } from "@/features/host/lib/wire";
import type { Order } from "@/lib/storage";
import type { LogRow, Receipt, Tap } from "@/types/wire";

export function aTap(changes: Partial<Tap> = {}): Tap {
  return {
    name: "main",
    drink: null,
    tag: null,
    online: true,
    state: "idle",
    glass_present: true,
    uptime: 120,
    last_pour_ml: null,
    protocol: 2,
    reset_reason: "power_on",
    stopped: false,
    stop_id: 0,
    faults: [],
    ready: true,
    blocked_by: null,
    pour: null,
    last: null,
    ...changes,
  };
}

export function aMachine(changes: Partial<Machine> = {}): Machine {
  return {
    known_id: "00000000000000a1",
    says_id: "00000000000000a1",
    says_tap: null,
    mismatch: null,
    machine_of: null,
    also_at: [],
    adoptable: false,
    ...changes,
  };
}

export function aReceipt(changes: Partial<Receipt> = {}): Receipt {
  return {
    request_id: "r1",
    tap: "main",
    user_token: "Ada",
    amount_ml: 30,
    state: "done",
    final: true,
    status: "success",
    code: "device_reported",
    reason: "",
    delivered_ml: 29.8,
    uncertainty_ml: 0.4,
    ml_min: 29.4,
    ml_max: 30.2,
    measured_by: "meter",
    stop_reason: "target_reached",
    started_at: 1_790_000_000.5,
    updated_at: 1_790_000_004,
    ...changes,
  };
}

export function aPour(changes: Partial<NonNullable<Tap["pour"]>> = {}): NonNullable<Tap["pour"]> {
  return {
    request_id: "r1",
    user_token: "Ada",
    requested_ml: 30,
    delivered_ml: 12.3,
    state: "accepted",
    purpose: "pour",
    ...changes,
  };
}

export function aRow(changes: Partial<LogRow> = {}): LogRow {
  return {
    id: 1,
    timestamp_ms: 1_790_000_000_000,
    user_token: "Ada",
    amount_ml: 30,
    status: "started",
    reason: null,
    code: "checks_passed",
    stop_reason: null,
    tap: "main",
    request_id: "r1",
    outcome: "sending",
    delivered_ml: null,
    ml_min: null,
    ml_max: null,
    purpose: "pour",
    ...changes,
  };
}

export function anOrder(changes: Partial<Order> = {}): Order {
  return {
    requestId: "r1",
    tap: "main",
    amountMl: 30,
    userToken: "Ada",
    pressedAt: 1_000_000,
    ...changes,
  };
}
