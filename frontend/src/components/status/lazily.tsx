import { type ComponentType, createContext, use } from "react";

/** A part of the page whose script did not come: the server is away, or serves another page now. */
export class NotLoaded extends Error {}

/** How often what stands here has been tried again after it failed. */
export const Attempt = createContext(0);

/** A component whose script comes later. */
export type Later<Props> = ComponentType<Props> & {
  /** Fetches its script before it is shown; that it does not come is told when it is. */
  preload: () => Promise<void>;
};

interface Loading<Props> {
  view: Promise<ComponentType<Props>>;
  failed: boolean;
  attempt: number;
}

/**
 * A component whose script comes when it is first shown. Unlike React's own `lazy` it asks anew
 * after it has failed, at the next attempt of the boundary around it.
 */
export function lazily<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): Later<Props> {
  let loading: Loading<Props> | undefined;
  const begin = (attempt: number): Loading<Props> => {
    const view = load().then(
      ({ default: View }) => View,
      (cause: unknown) => {
        begun.failed = true;
        throw new NotLoaded("a part of the page did not load", { cause });
      },
    );
    const begun = { view, failed: false, attempt };
    return begun;
  };
  const preload = async () => {
    loading ??= begin(0);
    await loading.view.catch(() => undefined);
  };
  function Lazily(props: Props) {
    const attempt = use(Attempt);
    // The failure is thrown first, and the boundary tells when it is time for another try.
    if (!loading || (loading.failed && loading.attempt !== attempt)) loading = begin(attempt);
    const View = use(loading.view);
    return <View {...props} />;
  }
  return Object.assign(Lazily, { preload });
}
