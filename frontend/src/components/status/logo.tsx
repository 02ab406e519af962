/** A glass, two thirds full. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="4 3 24 27" className={className} aria-hidden="true" focusable="false">
      <path d="M9.3 15h13.4l-1.1 9.2a2 2 0 0 1-2 1.8h-7.2a2 2 0 0 1-2-1.8z" fill="var(--primary)" />
      <path
        d="M8 6h16l-2.200 18.300A3 3 0 0 1 18.800 27h-5.600a3 3 0 0 1-3-2.700z"
        fill="none"
        stroke="var(--foreground)"
        strokeWidth="2"
        strokeLinejoin="round"
      />
    </svg>
  );
}
