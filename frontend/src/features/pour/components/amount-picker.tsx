import { Minus, Plus } from "lucide-react";
import { type RefObject, useId } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { AMOUNT_PRESETS_ML, readAmount, stepAmount } from "@/features/pour/lib/amount";
import { pourTexts } from "@/features/pour/texts";
import { AMOUNT_MAX_ML, AMOUNT_MIN_ML } from "@/lib/limits";
import { texts } from "@/lib/texts";

/** One of the presets, or whatever has been typed. */
export interface AmountChoice {
  preset: number | "custom";
  typed: string;
}

export const firstChoice: AmountChoice = { preset: 30, typed: "20" };

/** The amount to order, or nothing while what is typed is not one. */
export function chosenAmount({ preset, typed }: AmountChoice): number | undefined {
  if (preset !== "custom") return preset;
  const input = readAmount(typed);
  return input.kind === "amount" ? input.ml : undefined;
}

interface AmountPickerProps {
  choice: AmountChoice;
  onChange: (choice: AmountChoice) => void;
  inputRef: RefObject<HTMLInputElement | null>;
  disabled: boolean;
}

export function AmountPicker({ choice, onChange, inputRef, disabled }: AmountPickerProps) {
  const choose = (value: string) =>
    onChange({ ...choice, preset: value === "custom" ? "custom" : Number(value) });
  return (
    <div className="flex flex-col gap-2">
      <RadioGroup
        aria-label={pourTexts.amount.label}
        value={String(choice.preset)}
        onValueChange={choose}
        aria-disabled={disabled}
        className="flex-wrap"
      >
        {AMOUNT_PRESETS_ML.map((ml) => (
          <RadioGroupItem key={ml} value={String(ml)} disabled={disabled} size="large">
            <span>
              <span className="text-2xl font-bold">{ml}</span>{" "}
              <span className="text-sm text-muted-foreground">{texts.unit}</span>
            </span>
          </RadioGroupItem>
        ))}
        <RadioGroupItem
          value="custom"
          disabled={disabled}
          size="large"
          className="font-semibold max-[22rem]:text-sm"
        >
          {pourTexts.amount.custom}
        </RadioGroupItem>
      </RadioGroup>
      {choice.preset === "custom" && (
        <CustomAmount
          typed={choice.typed}
          onTyped={(typed) => onChange({ ...choice, typed })}
          inputRef={inputRef}
          disabled={disabled}
        />
      )}
    </div>
  );
}

interface CustomAmountProps {
  typed: string;
  onTyped: (typed: string) => void;
  inputRef: RefObject<HTMLInputElement | null>;
  disabled: boolean;
}

function CustomAmount({ typed, onTyped, inputRef, disabled }: CustomAmountProps) {
  const problemId = useId();
  const input = readAmount(typed);
  const problem = input.kind === "amount" ? undefined : pourTexts.amount.problem[input.kind];
  const current =
    input.kind === "amount" ? input.ml : input.kind === "too_large" ? AMOUNT_MAX_ML + 1 : 0;
  const step = (by: number) => onTyped(String(stepAmount(current, by)));
  return (
    <div className="animate-appear">
      <div className="flex items-center gap-2">
        <Button
          variant="secondary"
          size="icon"
          aria-label={pourTexts.amount.less}
          disabled={disabled || current <= AMOUNT_MIN_ML}
          onClick={() => step(-1)}
        >
          <Minus className="size-5" aria-hidden />
        </Button>
        <Input
          ref={inputRef}
          inputMode="numeric"
          autoComplete="off"
          maxLength={6}
          aria-label={pourTexts.amount.customLabel}
          aria-invalid={problem !== undefined}
          aria-describedby={problem && problemId}
          value={typed}
          disabled={disabled}
          onChange={(event) => onTyped(event.target.value)}
          onFocus={(event) => event.target.select()}
          size="large"
        />
        <Button
          variant="secondary"
          size="icon"
          aria-label={pourTexts.amount.more}
          disabled={disabled || current >= AMOUNT_MAX_ML}
          onClick={() => step(1)}
        >
          <Plus className="size-5" aria-hidden />
        </Button>
      </div>
      {problem && (
        <p id={problemId} role="alert" className="pt-1 text-center text-sm text-destructive-text">
          {problem}
        </p>
      )}
    </div>
  );
}
