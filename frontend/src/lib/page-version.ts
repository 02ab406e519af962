/** Which built page this is. Its script's name holds a hash of everything it was built from. */
const entryOf = (document: Document): string | undefined => {
  const script = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  return script ? new URL(script.src).pathname : undefined;
};

/** Whether the server by now serves another page than this one; false while it does not say. */
export async function pageIsOutdated(document: Document): Promise<boolean> {
  const entry = entryOf(document);
  if (entry === undefined) return false;
  try {
    const answer = await fetch("/", { cache: "no-cache", headers: { Accept: "text/html" } });
    return answer.ok && !(await answer.text()).includes(entry);
  } catch {
    return false;
  }
}
