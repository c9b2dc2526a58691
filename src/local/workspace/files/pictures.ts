import { isFields, objectOf, objectsOf, textOf } from '../json.ts';
import type { Fields, FileRecord } from '../types.ts';

/** The Slack files that blocks can show. */
const SHOWN_TYPES = ['image/png', 'image/jpeg', 'image/gif'];

/** The Slack file that an image block or element shows, by its ID, private URL or permalink. */
export function pictureFileId(image: Fields): string | undefined {
  const file = objectOf(image, 'slack_file');
  return textOf(file, 'id') ?? /\b(F[0-9A-Z]{8,})\b/.exec(textOf(file, 'url') ?? '')?.[1];
}

/**
 * Slack files in blocks that don't exist, aren't images, or aren't processed yet, in Slack's words.
 * @param pointer where the blocks are in the request
 */
export function unusablePictures(files: ReadonlyMap<string, FileRecord>, blocks: unknown, pointer: string): string[] {
  return imagesIn(blocks, pointer)
    .filter(({ image }) => image.slack_file !== undefined)
    .filter(({ image }) => {
      const file = files.get(pictureFileId(image) ?? '');
      return !file || !isProcessed(file) || !SHOWN_TYPES.includes(file.mimetype);
    })
    .map(({ at }) => `[ERROR] invalid slack file [json-pointer:${at}/slack_file]`);
}

/** Whether these blocks show a Slack file. */
export function showsPicture(blocks: unknown, fileId: string): boolean {
  return imagesIn(blocks, '').some(({ image }) => pictureFileId(image) === fileId);
}

/**
 * Slack processes a file for a moment after its upload. Until then it has no type, and blocks that show it are
 * rejected.
 */
export function isProcessed(file: FileRecord): boolean {
  return file.processed_at === undefined || file.processed_at <= Date.now();
}

function imagesIn(blocks: unknown, pointer: string): { image: Fields; at: string }[] {
  if (!Array.isArray(blocks)) return [];
  return blocks.filter(isFields).flatMap((block, index) => {
    const at = `${pointer}/${index}`;
    if (block.type === 'image') return [{ image: block, at }];
    const accessory = isFields(block.accessory) ? [{ image: block.accessory, at: `${at}/accessory` }] : [];
    const elements = objectsOf(block, 'elements').map((image, i) => ({ image, at: `${at}/elements/${i}` }));
    return [...accessory, ...elements].filter(({ image }) => image.type === 'image');
  });
}
