import { Pencil, UserRound } from "lucide-react";
import { type FormEvent, type RefObject, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { readGuest } from "@/lib/guest";
import { texts } from "@/lib/texts";

interface GuestFieldProps {
  guest: string | undefined;
  onChange: (guest: string | undefined) => void;
  inputRef: RefObject<HTMLInputElement | null>;
  disabled: boolean;
}

/** Who pours: a name once typed stays on the phone until it is changed. */
export function GuestField({ guest, onChange, inputRef, disabled }: GuestFieldProps) {
  const [editing, setEditing] = useState(false);
  if (guest !== undefined && !editing) {
    return (
      <div className="flex min-h-11 flex-wrap items-center gap-x-2 ps-1">
        <UserRound className="size-5 shrink-0 text-muted-foreground" aria-hidden />
        <p className="min-w-0 flex-1 basis-28 truncate">
          <span className="text-muted-foreground">{texts.guest.pouringAs} </span>
          <strong className="font-semibold">{guest}</strong>
        </p>
        <Button variant="ghost" disabled={disabled} onClick={() => setEditing(true)}>
          <Pencil className="size-4" aria-hidden />
          {texts.guest.change}
        </Button>
      </div>
    );
  }
  return (
    <GuestForm
      guest={guest}
      inputRef={inputRef}
      focusAtOnce={editing}
      onSave={(name) => {
        onChange(name);
        setEditing(false);
      }}
    />
  );
}

interface GuestFormProps {
  guest: string | undefined;
  inputRef: RefObject<HTMLInputElement | null>;
  focusAtOnce: boolean;
  onSave: (guest: string | undefined) => void;
}

function GuestForm({ guest, inputRef, focusAtOnce, onSave }: GuestFormProps) {
  const [typed, setTyped] = useState(guest ?? "");
  const problemId = useId();
  const name = readGuest(typed);
  const invalid = name === undefined && typed.trim() !== "";
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!invalid) onSave(name);
  };
  return (
    <form onSubmit={save}>
      <div className="flex gap-2">
        <Input
          ref={inputRef}
          autoFocus={focusAtOnce}
          aria-label={texts.guest.label}
          placeholder={texts.guest.placeholder}
          autoComplete="nickname"
          enterKeyHint="done"
          aria-invalid={invalid}
          aria-describedby={invalid ? problemId : undefined}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" variant="secondary" disabled={invalid || typed.trim() === ""}>
          {texts.guest.save}
        </Button>
      </div>
      {invalid && (
        <p id={problemId} role="alert" className="pt-1 text-sm text-destructive-text">
          {texts.guest.invalid}
        </p>
      )}
    </form>
  );
}
