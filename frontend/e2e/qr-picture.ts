/** Pictures of QR codes as a phone would see them: as a photo, or as a camera's film. */
import { crc32, deflateSync } from "node:zlib";
import { encode } from "uqr";

/** How a badge is held before the camera. */
export interface Scene {
  text: string;
  width: number;
  height: number;
  /** The side of the code with its white border, in pixels. */
  side: number;
  /** Turned in the picture's plane, and away from the camera. */
  turned_deg?: number;
  averted_deg?: number;
  /** The brightness of its black and its white, 0 to 255: a dark room brings them together. */
  black?: number;
  white?: number;
  /** The camera's own grain: how far a pixel may be off. */
  grain?: number;
}

/** Brightness only, row by row. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** The same grain every time, so that a test that fails does so again. */
function grainOf(size: number): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return ((state >>> 16) / 65_535 - 0.5) * 2 * size;
  };
}

/** How bright the scene is at a point, its middle being 0, 0. */
function brightnessOf(scene: Scene): (x: number, y: number) => number {
  const { side, black = 20, white = 235 } = scene;
  const { data, size } = encode(scene.text, { ecc: "M", border: 4 });
  const turned = radians(scene.turned_deg ?? 0);
  const averted = radians(scene.averted_deg ?? 0);
  const distance = side * 2.5;
  const wall = (black + white) / 2;
  return (x, y) => {
    const across = x * Math.cos(turned) + y * Math.sin(turned);
    const down = y * Math.cos(turned) - x * Math.sin(turned);
    const u = across / (Math.cos(averted) - (across * Math.sin(averted)) / distance);
    const v = down * (1 + (u * Math.sin(averted)) / distance);
    const column = Math.floor((u / side + 0.5) * size);
    const row = Math.floor((v / side + 0.5) * size);
    const module = data[row]?.[column];
    if (module === undefined) return wall;
    return module ? black : white;
  };
}

export function drawPicture(scene: Scene): Picture {
  const { width, height } = scene;
  const brightness = brightnessOf(scene);
  const grain = grainOf(scene.grain ?? 0);
  const pixels = new Uint8Array(width * height);
  // Four looks into each pixel: a lens draws no staircases.
  const looks = [0.25, 0.75];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let sum = 0;
      for (const right of looks) {
        for (const down of looks) {
          sum += brightness(column + right - width / 2, row + down - height / 2);
        }
      }
      pixels[row * width + column] = Math.min(255, Math.max(0, sum / 4 + grain()));
    }
  }
  return { width, height, pixels };
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(content.length, 0);
  typed.copy(framed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}

/** As a PNG file. */
export function pngOf({ width, height, pixels }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits of grey.
  header.writeUInt8(8, 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    rows.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** As a film that stands still, in the format that Chromium's pretended camera plays. */
export function filmOf({ width, height, pixels }: Picture): Buffer {
  const grey = Buffer.alloc((width * height) / 2, 128);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), pixels, grey]);
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420mpeg2\n`);
  return Buffer.concat([header, frame, frame]);
}
