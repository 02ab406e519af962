/** The worker that decodes. Its WebAssembly is ours and hashed like every asset: no other host. */
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";
import {
  type QrAnswer,
  QrError,
  type QrProblem,
  type QrRequest,
} from "@/features/identity/lib/qr/decoder";
import { type Size, scanSizes } from "@/features/identity/lib/qr/scan-sizes";

prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
// Fetches and compiles at once: by the time there is a picture it is ready.
const detector = new BarcodeDetector({ formats: ["qr_code"] });

function pixels(bitmap: ImageBitmap, { width, height }: Size): ImageData {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new QrError("unavailable");
  // Where a picture is transparent it is meant to be seen on paper.
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

async function textIn(bitmap: ImageBitmap): Promise<string | undefined> {
  for (const size of scanSizes(bitmap)) {
    const image = pixels(bitmap, size);
    const codes = await detector.detect(image).catch(() => {
      throw new QrError("unavailable");
    });
    if (codes[0]) return codes[0].rawValue;
  }
  return undefined;
}

async function decode(image: ImageBitmap | Blob): Promise<string | undefined> {
  const bitmap =
    image instanceof Blob
      ? await createImageBitmap(image).catch(() => {
          throw new QrError("picture");
        })
      : image;
  try {
    return await textIn(bitmap);
  } finally {
    bitmap.close();
  }
}

async function answerTo({ id, image }: QrRequest): Promise<QrAnswer> {
  try {
    return { id, text: await decode(image) };
  } catch (error) {
    const problem: QrProblem = error instanceof QrError ? error.problem : "unavailable";
    return { id, problem };
  }
}

self.addEventListener("message", async ({ data }: MessageEvent<QrRequest>) => {
  self.postMessage(await answerTo(data));
});
