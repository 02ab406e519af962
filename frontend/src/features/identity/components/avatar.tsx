import { hueOf, initialOf } from "@/lib/guest";

/** A guest's round sign: their initial on a colour of their own, the same wherever they appear. */
export function Avatar({ guest }: { guest: string }) {
  return (
    <span
      aria-hidden
      className="grid size-10 shrink-0 animate-appear place-items-center rounded-full text-lg font-extrabold text-[#1d1526]"
      style={{ backgroundColor: `oklch(0.82 0.11 ${hueOf(guest)})` }}
    >
      {initialOf(guest)}
    </span>
  );
}
