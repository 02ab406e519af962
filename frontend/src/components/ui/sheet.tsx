import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { holdBack } from "@/lib/back";
import { cn } from "@/lib/utils";

interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What the button that closes it is called. */
  closeLabel: string;
  /** One sentence about it, for those who cannot see it. */
  description?: string;
  /** The page's address says that it is open, so that Back closes it anyhow. */
  addressed?: boolean;
  children: ReactNode;
  className?: string;
}

/**
 * A panel over the page: from the bottom on a phone, where the thumb is, in the middle where there
 * is room. It takes the focus and gives it back, and Escape, Back or a press beside it closes it.
 */
export function Sheet({
  open,
  onOpenChange,
  title,
  closeLabel,
  description,
  addressed = false,
  children,
  className,
}: SheetProps) {
  // Radix gives the focus back to a trigger of its own only, and ours are anywhere on the page.
  const opener = useRef<Element>(null);
  const close = useRef(() => {});
  useEffect(() => {
    close.current = () => onOpenChange(false);
  });
  const holds = open && !addressed;
  useEffect(() => (holds ? holdBack(() => close.current()) : undefined), [holds]);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-black/60" />
        <Dialog.Content
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={() => {
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={cn(
            "fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[90svh] w-full max-w-lg animate-rise flex-col rounded-t-2xl border bg-card text-card-foreground shadow-2xl outline-none md:bottom-auto md:top-1/2 md:-translate-y-1/2 md:animate-fade md:rounded-2xl",
            className,
          )}
        >
          <header className="flex items-center gap-2 ps-5 pe-2 pt-2">
            <Dialog.Title className="min-w-0 flex-1 truncate text-lg font-bold">
              {title}
            </Dialog.Title>
            <Dialog.Close asChild>
              <Button variant="ghost" size="icon" aria-label={closeLabel}>
                <X className="size-5" aria-hidden />
              </Button>
            </Dialog.Close>
          </header>
          {description !== undefined && (
            <Dialog.Description className="sr-only">{description}</Dialog.Description>
          )}
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 pt-2 pb-[max(1.25rem,env(safe-area-inset-bottom))]">
            {children}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
