import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

// it has no types
const WORKER: string = 'pdfjs-dist/legacy/build/pdf.worker.mjs';
const worker: unknown = await import(WORKER);
// the library looks for its worker here before it starts one
Object.assign(globalThis, { pdfjsWorker: worker });

export interface ReadPage {
  /** Pieces of text in drawing order, with their start and end. */
  readonly items: readonly { readonly text: string; readonly x: number; readonly y: number; readonly right: number }[];
  readonly text: string;
  readonly size: readonly [number, number];
  /** The types of the structure's elements, in reading order. */
  readonly tags: readonly string[];
}

export interface ReadPdf {
  readonly pages: readonly ReadPage[];
  readonly text: string;
  readonly isTagged: boolean;
  readonly info: Readonly<Record<string, unknown>>;
}

/** What another program reads in a PDF. */
export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  const pdf = await getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 }).promise;
  try {
    const pages: ReadPage[] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const shown = items.flatMap((item) =>
        'str' in item && item.str.trim() !== ''
          ? [
              {
                text: item.str,
                x: Number(item.transform[4]),
                y: Number(item.transform[5]),
                right: Number(item.transform[4]) + item.width,
              },
            ]
          : [],
      );
      const [, , width = 0, height = 0] = page.view;
      const tree: unknown = await page.getStructTree();
      pages.push({
        items: shown,
        text: shown.map(({ text }) => text).join(''),
        size: [width, height],
        tags: tagsOf(tree),
      });
    }
    const marks = await pdf.getMarkInfo();
    const { info } = await pdf.getMetadata();
    return {
      pages,
      text: pages.map(({ text }) => text).join('\n'),
      isTagged: marks?.Marked === true,
      info: { ...info },
    };
  } finally {
    await pdf.loadingTask.destroy();
  }
}

function tagsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null || !('children' in node) || !Array.isArray(node.children)) return [];
  const own = 'role' in node && typeof node.role === 'string' ? [node.role] : [];
  return [...own, ...node.children.flatMap(tagsOf)];
}
