import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

interface NoticeProps {
  children: ReactNode;
  /** What else can be done about it than to put it away. */
  action?: ReactNode;
  closeLabel: string;
  onClose: () => void;
  /** Something is wrong: a screen reader says it at once. */
  alert?: boolean;
}

/** A line beside the guest's name that stays until it is answered. */
export function Notice({ children, action, closeLabel, onClose, alert = false }: NoticeProps) {
  return (
    <div className="flex animate-appear items-center gap-1 rounded-xl border bg-card ps-4">
      <p role={alert ? "alert" : undefined} className="min-w-0 flex-1 py-2 text-sm leading-snug">
        {children}
      </p>
      <span className="contents">{action}</span>
      <Button variant="ghost" size="icon" aria-label={closeLabel} onClick={onClose}>
        <X className="size-5" aria-hidden />
      </Button>
    </div>
  );
}
