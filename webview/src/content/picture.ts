import { formatBytes } from '../../../extension/src/protocol/format.ts';
import { h } from '../dom.ts';

/** Pixels along the longer side that are kept, whatever the picture has. */
const LARGEST = 1600;

/**
 * A picture of a message. It is decoded and drawn on a canvas, so that the page's policy need allow no pictures at all; a
 * drawing that could hold scripts is not decoded that way, and is only named.
 */
export function picture(mimeType: string, data: string): HTMLElement {
  const words = `Image, ${mimeType}, ${formatBytes(Math.floor((data.length * 3) / 4))}`;
  const place = h('figure', { class: 'picture' }, h('figcaption', { class: 'hint' }, words));
  void draw(mimeType, data).then((canvas) => {
    if (!canvas) return;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', words);
    place.prepend(canvas);
  });
  return place;
}

async function draw(mimeType: string, data: string): Promise<HTMLCanvasElement | undefined> {
  try {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: mimeType }));
    const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = h('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  } catch (error) {
    // No Base64, or nothing that a browser can decode: its name stands there already.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
