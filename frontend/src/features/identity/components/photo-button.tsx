import type { VariantProps } from "class-variance-authority";
import type { ComponentProps, ReactNode } from "react";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/lib/utils";

interface PhotoButtonProps
  extends VariantProps<typeof buttonVariants>,
    Pick<ComponentProps<"label">, "onPointerDown"> {
  /** Its name, where the face says less. */
  label?: string;
  onPhoto: (photo: File) => void;
  children: ReactNode;
  className?: string;
}

/**
 * Opens the phone's own camera, or its pictures: that works on plain http too. The input itself
 * lies over the button unseen, so that press, keyboard and screen reader meet the real thing.
 */
export function PhotoButton({
  label,
  onPhoto,
  children,
  className,
  variant,
  size,
  ...props
}: PhotoButtonProps) {
  return (
    <label
      {...props}
      className={cn(
        buttonVariants({ variant, size }),
        "relative overflow-hidden has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring",
        className,
      )}
    >
      <span className="contents">{children}</span>
      <input
        type="file"
        accept="image/*"
        capture="environment"
        aria-label={label}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
        onChange={({ target }) => {
          const photo = target.files?.[0];
          // The same picture may be chosen again.
          target.value = "";
          if (photo) onPhoto(photo);
        }}
      />
    </label>
  );
}
