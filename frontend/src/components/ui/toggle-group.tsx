import { cva, type VariantProps } from "class-variance-authority";
import { ToggleGroup as ToggleGroupPrimitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

/** One of several, side by side, with the arrow keys; something is always chosen. */
export function ToggleGroup({
  className,
  onValueChange,
  ...props
}: Omit<ComponentProps<"div">, "defaultValue" | "dir"> & {
  value: string;
  onValueChange: (value: string) => void;
}) {
  return (
    <ToggleGroupPrimitive.Root
      {...props}
      type="single"
      onValueChange={(value) => value !== "" && onValueChange(value)}
      className={cn("flex gap-2", className)}
    />
  );
}

const itemVariants = cva(
  "min-w-11 rounded-xl border bg-card text-foreground transition-colors data-[state=on]:border-primary data-[state=on]:bg-primary/15",
  {
    variants: {
      size: {
        default: "min-h-11 flex-1 px-2",
        /** A word and a sign above it. */
        tall: "min-h-16 flex-1 px-2 text-sm",
        /** For a thumb in a hurry. */
        large: "min-h-14 flex-1 px-1",
        /** As wide as what it says, at least: for a row that scrolls sideways. */
        wide: "min-h-11 min-w-26 flex-1 shrink-0 px-3 py-1.5",
      },
    },
    defaultVariants: { size: "default" },
  },
);

export function ToggleGroupItem({
  className,
  size,
  ...props
}: ComponentProps<typeof ToggleGroupPrimitive.Item> & VariantProps<typeof itemVariants>) {
  return <ToggleGroupPrimitive.Item className={cn(itemVariants({ size }), className)} {...props} />;
}
