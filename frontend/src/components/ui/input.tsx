import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

export function Input({ className, type = "text", ...props }: ComponentProps<"input">) {
  return (
    <input
      type={type}
      className={cn(
        "min-h-11 w-full min-w-0 rounded-xl border border-input bg-card px-4 text-base text-foreground placeholder:text-muted-foreground aria-invalid:border-destructive-text",
        className,
      )}
      {...props}
    />
  );
}
