import { OctagonX } from "lucide-react";
import { Button } from "@/components/ui/button";
import { texts } from "@/lib/texts";

/** STOP ALL that needs nothing of the page but itself: the browser posts the form. */
export function PlainStop() {
  return (
    <form method="post" action="/stop" className="flex w-full flex-col md:order-3 md:w-auto">
      <Button
        type="submit"
        variant="destructive"
        size="stop"
        className="font-extrabold uppercase tracking-wide"
      >
        <OctagonX className="size-7" aria-hidden />
        <span>{texts.stopAll}</span>
      </Button>
    </form>
  );
}
