import { cva, type VariantProps } from "class-variance-authority";
import { type ComponentProps, createContext, useContext, useId } from "react";
import { cn } from "@/lib/utils";

interface Group {
  name: string;
  value: string | undefined;
  onValueChange: (value: string) => void;
}

const GroupContext = createContext<Group | undefined>(undefined);

/**
 * One of several, side by side. The browser's own radio buttons, one under each face: arrow keys,
 * forms and screen readers know them, and they cost no script.
 */
export function RadioGroup({
  value,
  onValueChange,
  className,
  ...props
}: Omit<ComponentProps<"div">, "role"> & Omit<Group, "name">) {
  const name = useId();
  return (
    <GroupContext value={{ name, value, onValueChange }}>
      <div role="radiogroup" className={cn("flex gap-2", className)} {...props} />
    </GroupContext>
  );
}

const itemVariants = cva(
  "relative flex min-w-11 touch-manipulation flex-col items-center justify-center rounded-xl border bg-card text-center text-foreground outline-offset-2 transition-colors select-none has-checked:border-primary has-checked:bg-primary/15 has-focus-visible:outline-3 has-focus-visible:outline-ring",
  {
    variants: {
      size: {
        default: "min-h-11 flex-1 px-2",
        /** A word and a sign above it. */
        tall: "min-h-16 flex-1 px-2 text-sm",
        /** For a thumb in a hurry. */
        large: "min-h-14 flex-1 px-1",
        /** As wide as what it says, at least: for a row that scrolls sideways. */
        wide: "min-h-11 min-w-26 flex-1 shrink-0 px-2 py-1.5",
      },
    },
    defaultVariants: { size: "default" },
  },
);

interface RadioGroupItemProps extends ComponentProps<"label">, VariantProps<typeof itemVariants> {
  value: string;
  disabled?: boolean;
}

export function RadioGroupItem({
  value,
  disabled,
  size,
  className,
  children,
  ...props
}: RadioGroupItemProps) {
  const group = useContext(GroupContext);
  if (!group) throw new Error("a RadioGroupItem stands in a RadioGroup");
  return (
    <label className={cn(itemVariants({ size }), className)} {...props}>
      <input
        type="radio"
        name={group.name}
        value={value}
        checked={group.value === value}
        disabled={disabled}
        onChange={() => group.onValueChange(value)}
        className="absolute inset-0 size-full cursor-pointer opacity-0 disabled:cursor-default"
      />
      <span className="contents">{children}</span>
    </label>
  );
}
