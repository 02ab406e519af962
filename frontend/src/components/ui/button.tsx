import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

export const buttonVariants = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 font-semibold transition-[background-color,transform,opacity] active:scale-[0.98] aria-disabled:active:scale-100 disabled:opacity-50 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        default: "bg-primary text-primary-foreground",
        secondary: "border bg-secondary text-secondary-foreground",
        destructive: "bg-destructive text-destructive-foreground",
        /** Red, but not yet shouting: one of several on a page. */
        danger: "border border-destructive-text text-destructive-text hover:bg-secondary",
        ghost: "text-foreground hover:bg-secondary",
        /** Something that has just turned up, to be taken with one press. */
        offer: "border border-primary bg-primary/15 text-foreground",
        /** Over a picture, in whatever light the page is. */
        overlay:
          "bg-neutral-800 text-white hover:bg-neutral-700 aria-pressed:bg-white aria-pressed:text-black",
      },
      size: {
        default: "min-h-11 rounded-xl px-4 text-base",
        icon: "size-11 rounded-xl",
        /** For a thumb in a hurry. */
        roomy: "min-h-14 rounded-xl px-5 text-lg",
        /** Found without looking, on a phone as on a desk. */
        stop: "min-h-18 rounded-2xl px-6 py-2 text-2xl md:min-h-14 md:px-6 md:text-xl lg:px-10",
        /** The one big button, and the same with a whole sentence on it. */
        pour: "min-h-18 w-full flex-wrap gap-y-0 rounded-2xl px-5 py-2 text-2xl",
        sentence: "min-h-18 w-full flex-wrap gap-y-0 rounded-2xl px-5 py-2 text-xl",
      },
    },
    defaultVariants: { variant: "default", size: "default" },
  },
);

export function Button({
  className,
  variant,
  size,
  type = "button",
  ...props
}: ComponentProps<"button"> & VariantProps<typeof buttonVariants>) {
  return (
    <button type={type} className={cn(buttonVariants({ variant, size }), className)} {...props} />
  );
}
