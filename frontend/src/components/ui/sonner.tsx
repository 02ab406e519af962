import { Toaster as Sonner, type ToasterProps } from "sonner";

/** Short notices at the top, where no thumb is. */
export function Toaster(props: ToasterProps) {
  return (
    <Sonner
      theme="system"
      position="top-center"
      toastOptions={{
        classNames: {
          toast: "!bg-card !text-card-foreground !border-border !rounded-xl !font-sans !text-base",
        },
      }}
      {...props}
    />
  );
}
