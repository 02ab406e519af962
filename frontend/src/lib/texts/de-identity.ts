/** Who is pouring: the words for it, in German. */
import type { Texts } from "@/lib/texts";

export const identity: Texts["identity"] = {
  label: "Wer schenkt ein?",
  placeholder: "Name oder Kurzcode",
  save: "Merken",
  scan: "Scannen",
  scanLabel: "Scannen: dein Badge",
  photo: "Foto",
  photoLabel: "Foto von deinem Badge",
  ways: {
    camera: "Tipp ihn ein oder scanne den Code auf deinem Badge.",
    photo: "Tipp ihn ein, fotografiere dein Badge oder richte die Handykamera darauf.",
  },
  pouringAs: "Es schenkt ein",
  greeting: (guest, before) =>
    before === undefined
      ? `Es schenkt ein: ${guest}.`
      : `Es schenkt ein: ${guest}, nicht mehr ${before}.`,
  instead: "Nicht mehr",
  undo: "Zurück",
  change: "Ändern",
  forget: "Vergiss mich",
  cancel: "Abbrechen",
  close: "OK",
  typedProblem: {
    empty: "Gib einen Namen oder Code ein.",
    control: "Der Name enthält Zeichen, die man nicht aufschreiben kann.",
    too_long: "Der Name ist zu lang. Ein kürzerer genügt.",
  },
  badgeProblem: {
    empty: "Auf dem Badge steht kein Name. Gib deinen ein.",
    control: "Das Badge enthält unlesbare Zeichen. Frag den Gastgeber nach einem anderen.",
    too_long: "Der Code auf dem Badge ist zu lang. Frag den Gastgeber nach einem anderen.",
    unreadable: "Der Code auf dem Badge ist beschädigt. Frag den Gastgeber nach einem anderen.",
  },
  foreign: "Das ist kein Badge.",
  unknownTap: (name) => `Einen Hahn namens ${name} gibt es hier nicht.`,
  tag: {
    seen: "Auf dem Leser der Maschine liegt ein Tag.",
    offer: (tag) => `Als Tag ${tag} einschenken`,
    decline: "Nicht mit diesem Tag",
  },
  scanner: {
    title: "Badge scannen",
    starting: "Die Kamera startet…",
    hint: "Halte den Code deines Badges in den Rahmen.",
    looking: "Suche einen Code…",
    close: "Scanner schließen",
    torch: "Licht",
    takePhoto: "Foto machen",
    anotherPhoto: "Noch ein Foto",
    useCamera: "Zur Kamera",
    tryAgain: "Noch einmal",
    type: "Eintippen",
    problem: {
      denied: "Die Kamera ist hier nicht erlaubt. Erlaub sie im Browser oder mach ein Foto.",
      none: "Keine Kamera gefunden. Wähle ein Foto von deinem Badge.",
      busy: "Eine andere App benutzt die Kamera. Schließ sie oder mach ein Foto.",
      failed: "Die Kamera ist nicht gestartet. Versuch es noch einmal oder mach ein Foto.",
      unavailable: "Der Scanner ließ sich nicht laden. Versuch es mit Verbindung noch einmal.",
      picture: "Dieses Bild ist nicht lesbar. Mach ein anderes Foto.",
      no_code: "Kein Code gefunden. Geh näher heran, mit Licht auf dem Badge.",
    },
  },
};
