import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

const inputVariants = cva(
  "min-h-11 w-full min-w-0 rounded-xl border border-input bg-card px-4 text-foreground placeholder:text-muted-foreground aria-invalid:border-destructive-text",
  {
    variants: {
      size: {
        default: "text-base",
        /** A figure that is meant to be seen. */
        large: "text-center text-xl font-bold",
      },
    },
    defaultVariants: { size: "default" },
  },
);

export function Input({
  className,
  size,
  type = "text",
  ...props
}: Omit<ComponentProps<"input">, "size"> & VariantProps<typeof inputVariants>) {
  return <input type={type} className={cn(inputVariants({ size }), className)} {...props} />;
}
