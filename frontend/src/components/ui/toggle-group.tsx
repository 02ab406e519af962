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

export function ToggleGroupItem({
  className,
  ...props
}: ComponentProps<typeof ToggleGroupPrimitive.Item>) {
  return (
    <ToggleGroupPrimitive.Item
      className={cn(
        "min-h-11 min-w-11 flex-1 rounded-xl border bg-card px-2 text-foreground transition-colors data-[state=on]:border-primary data-[state=on]:bg-primary/15",
        className,
      )}
      {...props}
    />
  );
}
