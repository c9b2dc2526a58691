import type { Kit } from './kit.ts';

/** A block with a fixed height that is never split between pages. */
export interface Block {
  readonly height: number;
  /** Stays on the same page as the next one. */
  readonly keepsNext?: boolean;
  readonly draw: (y: number) => void;
}

/** Blocks that belong together. The heading is repeated on each page where they continue. */
export interface Part {
  readonly blocks: readonly Block[];
  readonly heading?: {
    readonly height: number;
    readonly draw: (y: number) => void;
    readonly repeat: (y: number) => void;
  };
  /** The space above it, except at the top of a page. */
  readonly space: number;
}

/** Lays out all parts on as many pages as they need. */
export function layOut(kit: Kit, parts: readonly Part[]): void {
  let y = kit.top;
  for (const { blocks, heading, space } of parts) {
    if (y > kit.top) y += space;
    for (const [at, block] of blocks.entries()) {
      const needed = heightTogether(blocks, at) + (at === 0 ? (heading?.height ?? 0) : 0);
      if (y + needed > kit.bottom && y > kit.top) {
        kit.pdf.addPage();
        y = kit.top;
        if (heading && at > 0) {
          heading.repeat(y);
          y += heading.height;
        }
      }
      if (heading && at === 0) {
        heading.draw(y);
        y += heading.height;
      }
      block.draw(y);
      y += block.height;
    }
  }
}

function heightTogether(blocks: readonly Block[], from: number): number {
  let height = 0;
  for (const block of blocks.slice(from)) {
    height += block.height;
    if (!block.keepsNext) break;
  }
  return height;
}
