/** The frame of the host's pages, and STOP: there before anything else has come. */
export const host = {
  nav: "Pages of the host",
  overview: "Overview",
  log: "Log",
  wall: "Wall",
  pour: "Pour",
  staleSince: (time: string) => `Connection lost at ${time}. All of this may have changed since.`,
  stillStops: "STOP is still sent.",
  stopAll: "Stop all",
  stopAgain: "Stop again",
  stopping: "Stopping…",
  allStopped: "Every tap is stopped",
  said: {
    stopped: "The pump is off.",
    not_pouring: "It was not pouring.",
    cannot_stop: "It cannot be stopped from here: lift the glass, or pull its plug.",
    no_answer: "It does not answer: lift the glass, or pull its plug.",
    back: "It is back, and not pouring.",
  } as Record<string, string>,
  stopLost: "The server did not answer, so the stop may not have arrived.",
  stopLostAdvice: "Press again. If a pump runs, lift the glass or pull its plug.",
  stopFailed: "Not everything stopped",
};
