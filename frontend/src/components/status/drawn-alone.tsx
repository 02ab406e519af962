import { type ComponentType, memo } from "react";
import { useLanguage } from "@/hooks/use-language";

/** React's `memo` for what has words: drawn anew for other properties, and in another language. */
export function drawnAlone<Props extends object>(
  Component: (props: Props) => React.ReactNode,
): ComponentType<Props> {
  const Alone = (props: Props) => {
    useLanguage();
    return Component(props);
  };
  Alone.displayName = Component.name;
  return memo(Alone) as unknown as ComponentType<Props>;
}
