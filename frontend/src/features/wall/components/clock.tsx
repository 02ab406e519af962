import { useClock } from "@/features/wall/hooks/use-wall";

export function Clock() {
  return <p className="text-[max(1.25rem,4vmin)] font-semibold">{useClock()}</p>;
}
