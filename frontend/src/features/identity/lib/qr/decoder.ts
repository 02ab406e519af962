/** Reading QR codes, whoever does it: everything else in the page knows only this. */

export interface QrDecoder {
  /**
   * What the code in the image says, or nothing if none was found. A bitmap is handed over for
   * good. Rejects with a `QrError`.
   */
  decode(image: ImageBitmap | Blob): Promise<string | undefined>;
  close(): void;
}

/** The file is no picture that this browser can show, or there is nothing here that decodes. */
export type QrProblem = "picture" | "unavailable";

export class QrError extends Error {
  readonly problem: QrProblem;

  constructor(problem: QrProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** To the worker, and back. */
export interface QrRequest {
  id: number;
  image: ImageBitmap | Blob;
}

export type QrAnswer =
  | { id: number; text: string | undefined }
  | { id: number; problem: QrProblem };
