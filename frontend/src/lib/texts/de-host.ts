import type { Texts } from "@/lib/texts";

export const host: Texts["host"] = {
  nav: "Seiten des Gastgebers",
  overview: "Übersicht",
  log: "Protokoll",
  wall: "Wand",
  pour: "Einschenken",
  staleSince: (time) => `Verbindung verloren um ${time}. Alles hier kann sich geändert haben.`,
  stillStops: "STOPP wird trotzdem gesendet.",
  stopAll: "Alles stopp",
  stopAgain: "Noch mal Stopp",
  stopping: "Stoppt…",
  allStopped: "Alle Hähne sind gesperrt",
  said: {
    stopped: "Die Pumpe ist aus.",
    not_pouring: "Sie lief nicht.",
    cannot_stop: "Von hier nicht zu stoppen: heb das Glas oder zieh den Stecker.",
    no_answer: "Keine Antwort: heb das Glas oder zieh den Stecker.",
    back: "Sie ist wieder da und schenkt nicht ein.",
  },
  stopLost: "Der Server hat nicht geantwortet: der Stopp kam vielleicht nicht an.",
  stopLostAdvice: "Drück noch einmal. Läuft eine Pumpe: Glas heben oder Stecker ziehen.",
  stopFailed: "Nicht alles steht still",
};
