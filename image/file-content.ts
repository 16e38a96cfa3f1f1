import { createHash, hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";

/** Bytes of a file that are in memory at once. Node itself reads no file of 2 GiB or more as a whole. */
const pieceSize = 1024 * 1024;

/** SHA-256 in hexadecimal. */
export const sha256 = (data: string | Buffer): string => hash("sha256", data);

/**
 * Hashes a file of any size.
 *
 * @param size of the file, in bytes
 * @returns its SHA-256, in hexadecimal
 */
export function fileSha256(path: string, size: number): string {
  // Small files, the many, are hashed in one call: that is faster.
  if (size <= pieceSize) return sha256(readFileSync(path));
  const whole = createHash("sha256");
  readPieces(path, (piece) => whole.update(piece));
  return whole.digest("hex");
}

/**
 * Copies a file of any size.
 *
 * @param mode of the copy, before the umask
 * @returns the SHA-256 of the copied bytes, in hexadecimal
 */
export function copyFile(from: string, to: string, mode: number): string {
  const whole = createHash("sha256");
  const copy = openSync(to, "wx", mode);
  try {
    readPieces(from, (piece) => {
      whole.update(piece);
      writeFileSync(copy, piece);
    });
  } finally {
    closeSync(copy);
  }
  return whole.digest("hex");
}

/** Reads a file from its beginning to its end. @param use gets each piece, whose memory the next one overwrites */
function readPieces(path: string, use: (piece: Buffer) => void): void {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(Math.min(fstatSync(file).size + 1, pieceSize));
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      use(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}
