import { X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { Select } from "@/components/ui/select";
import {
  type LogFilter,
  type StatusChoice,
  statusChoices,
  type TimeChoice,
  timeChoices,
} from "@/features/log/lib/log-filter";
import { logTexts } from "@/features/log/texts";
import { localMinute, readLocalMinute } from "@/lib/day";
import { readGuest } from "@/lib/guest";

interface LogFiltersProps {
  filter: LogFilter;
  taps: readonly string[];
  people: readonly string[];
  onChange: (changes: Partial<LogFilter>) => void;
}

/** Which pours are shown. Every choice is a page of its own in the browser's history. */
export function LogFilters({ filter, taps, people, onChange }: LogFiltersProps) {
  const wholeLog = logTexts;
  // An address may name a tap that is no more; its pours are still there.
  const names =
    filter.tap === undefined || taps.includes(filter.tap) ? taps : [...taps, filter.tap];
  return (
    <fieldset className="grid grid-cols-2 gap-2 pb-3 lg:grid-cols-[minmax(8rem,12rem)_minmax(10rem,14rem)_minmax(0,1fr)_minmax(22rem,28rem)]">
      <legend className="sr-only">{wholeLog.filters}</legend>
      <Select
        aria-label={wholeLog.tap}
        value={filter.tap ?? ""}
        onChange={({ target }) => onChange({ tap: target.value || undefined })}
      >
        <option value="">{wholeLog.everyTap}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
      <Select
        aria-label={wholeLog.when}
        value={filter.time}
        onChange={({ target }) => onChange({ time: target.value as TimeChoice })}
      >
        {timeChoices.map((choice) => (
          <option key={choice} value={choice}>
            {wholeLog.times[choice]}
          </option>
        ))}
      </Select>
      <PersonField
        key={filter.user ?? ""}
        user={filter.user}
        people={people}
        onChange={(user) => onChange({ user })}
      />
      <RadioGroup
        aria-label={wholeLog.which}
        value={filter.status}
        onValueChange={(status) => onChange({ status: status as StatusChoice })}
        className="col-span-2 flex-wrap lg:col-span-1 lg:flex-nowrap"
      >
        {statusChoices.map((choice) => (
          <RadioGroupItem key={choice} value={choice} className="text-sm sm:text-base">
            {wholeLog.whichOnes[choice]}
          </RadioGroupItem>
        ))}
      </RadioGroup>
      {filter.time === "span" && <Span filter={filter} onChange={onChange} />}
    </fieldset>
  );
}

interface PersonFieldProps {
  user: string | undefined;
  people: readonly string[];
  onChange: (user: string | undefined) => void;
}

function PersonField({ user, people, onChange }: PersonFieldProps) {
  const [typed, setTyped] = useState(user ?? "");
  const listId = useId();
  const name = readGuest(typed);
  const invalid = name === undefined && typed.trim() !== "";
  const apply = (text: string | undefined) => {
    if (text !== user) onChange(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!invalid) apply(name);
  };
  return (
    <form onSubmit={submit} className="col-span-2 flex gap-1 lg:col-span-1">
      <Input
        aria-label={logTexts.person}
        placeholder={`${logTexts.person}: ${logTexts.everybody}`}
        list={listId}
        autoComplete="off"
        enterKeyHint="search"
        aria-invalid={invalid}
        value={typed}
        onChange={({ target, nativeEvent }) => {
          setTyped(target.value);
          // Chosen from the list rather than typed: that is the whole name.
          const { inputType } = nativeEvent as InputEvent;
          const whole = inputType === undefined || inputType === "insertReplacementText";
          if (whole && people.includes(target.value)) apply(target.value);
        }}
        onBlur={() => !invalid && apply(name)}
      />
      <datalist id={listId}>
        {people.map((person) => (
          <option key={person} value={person} />
        ))}
      </datalist>
      {user !== undefined && (
        <Button
          variant="ghost"
          size="icon"
          aria-label={logTexts.clearPerson}
          onClick={() => onChange(undefined)}
        >
          <X className="size-5" aria-hidden />
        </Button>
      )}
    </form>
  );
}

function Span({ filter, onChange }: Pick<LogFiltersProps, "filter" | "onChange">) {
  const { from, to } = filter;
  const problemId = useId();
  const empty = from !== undefined && to !== undefined && from >= to;
  const problem = empty ? problemId : undefined;
  return (
    <div className="col-span-full flex flex-wrap gap-2">
      <Moment
        label={logTexts.from}
        at_ms={from}
        problem={problem}
        onChange={(at) => onChange({ from: at })}
      />
      <Moment
        label={logTexts.to}
        at_ms={to}
        problem={problem}
        onChange={(at) => onChange({ to: at })}
      />
      {empty && (
        <p id={problemId} role="alert" className="basis-full text-sm text-destructive-text">
          {logTexts.spanEmpty}
        </p>
      )}
    </div>
  );
}

interface MomentProps {
  label: string;
  at_ms: number | undefined;
  /** The id of what says that it cannot be so. */
  problem: string | undefined;
  onChange: (at_ms: number | undefined) => void;
}

/**
 * A field holds something at every key of a year that is being typed: it is left alone, and only
 * what it means is taken from it. What it does not mean any more is taken when it is left.
 */
function Moment({ label, at_ms, problem, onChange }: MomentProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const shown = at_ms === undefined ? "" : localMinute(at_ms);
  const [before, setBefore] = useState(at_ms);
  if (before !== at_ms) {
    setBefore(at_ms);
    // Another moment than the one that is typed here: Back was pressed.
    if (typed !== undefined && readLocalMinute(typed) !== at_ms) setTyped(undefined);
  }
  const apply = (text: string) => {
    const at = readLocalMinute(text);
    if (at !== at_ms) onChange(at);
  };
  return (
    <div className="flex flex-1 basis-56 items-center gap-2">
      <label htmlFor={id} className="min-w-12 text-muted-foreground">
        {label}
      </label>
      <Input
        id={id}
        type="datetime-local"
        min="1971-01-01T00:00"
        max="9998-12-31T23:59"
        value={typed ?? shown}
        aria-invalid={problem !== undefined}
        aria-describedby={problem}
        onChange={({ target }) => {
          setTyped(target.value);
          if (readLocalMinute(target.value) !== undefined) apply(target.value);
        }}
        onBlur={() => {
          if (typed !== undefined) apply(typed);
          setTyped(undefined);
        }}
      />
    </div>
  );
}
