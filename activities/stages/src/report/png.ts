import { deflateSync } from 'node:zlib';

/** PNG (ISO/IEC 15948): signature, IHDR, one IDAT, IEND; 8-bit RGB, no filter. */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_RGB = 2;

/** @param rgb width × height × 3 bytes, row by row */
export function encodePng(rgb: Uint8Array, width: number): Buffer {
  const height = rgb.length / (3 * width);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, COLOUR_RGB, 0, 0, 0], 8);
  // Every row starts with the number of its filter, 0.
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let row = 0; row < height; row++)
    rows.set(rgb.subarray(row * 3 * width, (row + 1) * 3 * width), row * (1 + 3 * width) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, checksum]);
}

/** CRC-32 with the reflected polynomial of ISO 3309. Node has its own only from 20.15 on. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Channels-first values in [0, 1] (others are clipped), 1 or 3 channels of rows of `width`, every pixel `scale` times as large. */
export function drawPng(
  values: Float32Array,
  { width, height, scale = 1 }: { readonly width: number; readonly height: number; readonly scale?: number },
): Buffer {
  const plane = width * height;
  const rgb = new Uint8Array(3 * plane * scale * scale);
  for (let y = 0; y < height * scale; y++)
    for (let x = 0; x < width * scale; x++) {
      const pixel = Math.floor(y / scale) * width + Math.floor(x / scale);
      for (let channel = 0; channel < 3; channel++) {
        const value = values[(values.length === plane ? 0 : channel * plane) + pixel] ?? 0;
        rgb[3 * (y * width * scale + x) + channel] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
    }
  return encodePng(rgb, width * scale);
}

export const pngAddress = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`;

/** A square picture as its data address. */
export const pictureAddress = (values: Float32Array, size: number): string =>
  pngAddress(drawPng(values, { width: size, height: size }));
