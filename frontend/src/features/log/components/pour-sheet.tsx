import { LoaderCircle, UserRound } from "lucide-react";
import { ActivitySign, ActivityWord } from "@/components/activity/activity-parts";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { useOldRow } from "@/features/log/hooks/use-old-row";
import { useReceipt } from "@/features/log/hooks/use-receipt";
import { type Fact, isRequestId, receiptFacts, stepWords } from "@/features/log/lib/history-words";
import { logTexts } from "@/features/log/texts";
import { useLink, useLive } from "@/hooks/use-live";
import { rowReason } from "@/lib/activity";
import { formatMl, formatMoment, formatSecond } from "@/lib/format";
import { texts } from "@/lib/texts";
import type { HistoryStep, Receipt } from "@/types/wire";

interface PourSheetProps {
  requestId: string | undefined;
  /** A row of the original's log, which knew no request ids. */
  rowId: string | undefined;
  onClose: () => void;
  /** Shows all pours of that person instead. */
  onPerson: (person: string) => void;
}

/** All that is known of one pour, for whoever has the link to it. */
export function PourSheet({ requestId, rowId, onClose, onPerson }: PourSheetProps) {
  const history = logTexts.receipt;
  return (
    <Sheet
      open={requestId !== undefined || rowId !== undefined}
      onOpenChange={(open) => !open && onClose()}
      addressed
      title={history.title}
      closeLabel={history.close}
    >
      {requestId === undefined ? (
        rowId !== undefined && <OldRow id={rowId} onPerson={onPerson} />
      ) : isRequestId(requestId) ? (
        <Pour requestId={requestId} onPerson={onPerson} />
      ) : (
        <p role="alert">{history.unknown}</p>
      )}
    </Sheet>
  );
}

interface PourProps extends Pick<PourSheetProps, "onPerson"> {
  requestId: string;
}

/** A pour that still goes on is asked about anew at each of its rows, and when the line is back. */
function Pour({ requestId, onPerson }: PourProps) {
  const newest = useLive(({ log }) => log.find(({ request_id }) => request_id === requestId)?.id);
  const live = useLink() === "live";
  const { found, retry } = useReceipt(requestId, `${newest} ${live}`);
  const history = logTexts.receipt;
  if (!found) return <Loading />;
  if (found.kind === "not_found") return <p role="alert">{history.unknown}</p>;
  if (found.kind === "lost") return <Lost onRetry={retry} />;
  return (
    <>
      <ReceiptView receipt={found.receipt} />
      <PersonButton person={found.receipt.user_token} onPerson={onPerson} />
    </>
  );
}

function PersonButton({
  person,
  onPerson,
}: {
  person: string;
  onPerson: (person: string) => void;
}) {
  if (person === "") return null;
  return (
    <Button variant="secondary" onClick={() => onPerson(person)} className="mt-5 max-w-full">
      <UserRound className="size-5" aria-hidden />
      <span className="truncate">{logTexts.onlyOf({ person })}</span>
    </Button>
  );
}

function Loading() {
  return (
    <p role="status" className="flex items-center gap-3 py-4 text-muted-foreground">
      <LoaderCircle className="size-5 animate-spin" aria-hidden />
      <span>{logTexts.receipt.loading}</span>
    </p>
  );
}

function Lost({ onRetry }: { onRetry: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-3">
      <p>{logTexts.receipt.lost}</p>
      <Button onClick={onRetry}>{logTexts.retry}</Button>
    </div>
  );
}

function ReceiptView({ receipt }: { receipt: Receipt }) {
  const history = logTexts.receipt;
  const { request_id, started_at, status, state, history: steps = [] } = receipt;
  const standing = { status, outcome: state, request_id };
  const when: Fact = { name: history.when, value: formatMoment(started_at * 1000) };
  return (
    <>
      <p className="flex items-center gap-3 pb-3 text-2xl font-extrabold">
        <ActivitySign row={standing} />
        <ActivityWord row={standing} />
      </p>
      <Facts facts={[...receiptFacts(receipt), when, { name: history.id, value: request_id }]} />
      <h3 className="pt-5 pb-2 font-bold">{history.steps}</h3>
      <Steps steps={steps} />
    </>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5">
      {facts.map(({ name, value }) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid">
          <dt className="text-muted-foreground">{name}</dt>
          <dd className="font-semibold wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Steps({ steps }: { steps: readonly HistoryStep[] }) {
  const first = steps[0]?.at ?? 0;
  return (
    <ol className="border-s-2 ps-4">
      {steps.map((step) => {
        const { at_ms, title, cause } = stepWords(step);
        const since = formatMl(step.at - first);
        return (
          <li key={`${step.at} ${step.to}`} className="relative pb-3 last:pb-0">
            <span
              className="absolute -start-[1.4rem] top-1.5 size-2.5 rounded-full bg-primary"
              aria-hidden
            />
            <p className="flex flex-wrap items-baseline gap-x-3">
              <strong className="font-semibold">{title}</strong>
              <time
                dateTime={new Date(at_ms).toISOString()}
                className="ms-auto text-sm text-muted-foreground"
              >
                {step.at - first < 0.05
                  ? formatSecond(at_ms)
                  : `${formatSecond(at_ms)} · +${logTexts.receipt.took({ seconds: since })}`}
              </time>
            </p>
            <p className="text-sm text-muted-foreground">{cause}</p>
          </li>
        );
      })}
    </ol>
  );
}

/** A row of the original's log says little, and no receipt exists of it. */
function OldRow({ id, onPerson }: { id: string; onPerson: (person: string) => void }) {
  const { found, retry } = useOldRow(id);
  const history = logTexts.receipt;
  if (!found) return <Loading />;
  if (found.kind === "not_found") return <p role="alert">{history.unknown}</p>;
  if (found.kind === "lost") return <Lost onRetry={retry} />;
  const { row } = found;
  const time = row.timestamp_ms === 0 ? logTexts.unknownTime : formatMoment(row.timestamp_ms);
  const facts: Fact[] = [
    { name: history.person, value: row.user_token || texts.log.unnamed },
    { name: history.asked, value: `${formatMl(row.amount_ml)} ${texts.unit}` },
    { name: history.when, value: time },
  ];
  const reason = rowReason(row);
  if (reason !== "") facts.push({ name: history.ended, value: reason });
  return (
    <>
      <p className="flex items-center gap-3 pb-3 text-2xl font-extrabold">
        <ActivitySign row={row} />
        <ActivityWord row={row} />
      </p>
      <Facts facts={facts} />
      <p className="pt-4 text-sm text-muted-foreground">{history.original}</p>
      <PersonButton person={row.user_token} onPerson={onPerson} />
    </>
  );
}
