/** At which sizes an image is looked at. Pure. */

export interface Size {
  width: number;
  height: number;
}

/**
 * The longer side, in pixels. A photo is much larger than a code needs, and noise goes away with
 * size; a small code in a corner needs the pixels, a blurred one has none to lose.
 */
const LONGER_SIDES = [1600, 800, 3200];

/** The sizes to try in turn: never larger than the image, and none twice. */
export function scanSizes({ width, height }: Size): Size[] {
  const longer = Math.max(width, height);
  const sides = new Set(LONGER_SIDES.map((side) => Math.min(side, longer)));
  return [...sides].map((side) => ({
    width: Math.max(1, Math.round((width * side) / longer)),
    height: Math.max(1, Math.round((height * side) / longer)),
  }));
}

/** The middle square of a picture: what the viewfinder shows of it, and no more to look through. */
export function middleSquare({ width, height }: Size): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}
