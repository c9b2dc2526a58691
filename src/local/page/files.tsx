import { useEffect, useState } from 'preact/hooks';
import type { FileRecord } from '../workspace/types.ts';
import { parseCsv } from './csv.ts';
import { useDesk } from './desk.ts';
import { Icon } from './icons.tsx';
import { fileUrl } from './server.ts';
import { whoIn } from './world.ts';

/** How many characters of a text are read for its preview. */
const PREVIEW_CHARACTERS = 20_000;
const PREVIEW_ROWS = 6;

/** A file in a message: its name, a download link, and a preview for text and images. */
export function FileCard({ file }: { file: FileRecord }) {
  const { world } = useDesk();
  const isImage = file.mimetype.startsWith('image/');
  const isPdf = file.mimetype === 'application/pdf';
  const [isShown, setShown] = useState(false);
  const isText = ['text/csv', 'text/plain'].includes(file.mimetype);
  return (
    <figure class="file">
      <figcaption>
        <span class="file-sign">
          <Icon name={isImage ? 'image' : file.filetype === 'csv' ? 'table' : 'page'} />
        </span>
        <span class="file-name">
          <b>{file.title}</b>
          <small>
            {file.title === file.name ? '' : `${file.name} · `}
            {sizeOf(file.size)}
          </small>
        </span>
        {isPdf && (
          <button type="button" class="button" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide' : 'Show'}
          </button>
        )}
        {(isPdf || isImage) && (
          <a class="button" href={fileUrl(whoIn(world), file.id)} target="_blank" rel="noreferrer noopener">
            Open
          </a>
        )}
        <a class="button" href={fileUrl(whoIn(world), file.id, true)} download={file.name}>
          Download
        </a>
      </figcaption>
      {isImage && <img src={fileUrl(whoIn(world), file.id)} alt={file.title} />}
      {isPdf && isShown && <iframe src={fileUrl(whoIn(world), file.id)} title={file.title} />}
      {isText && <TextPreview file={file} />}
    </figure>
  );
}

function TextPreview({ file }: { file: FileRecord }) {
  const { world } = useDesk();
  const [text, setText] = useState<string>();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    fetch(fileUrl(whoIn(world), file.id), { signal: ending.signal })
      .then((response) => (response.ok ? response.text() : ''))
      .then((all) => setText(all.slice(0, PREVIEW_CHARACTERS)))
      // the preview is left out when the file cannot be read
      .catch(() => undefined);
    return () => ending.abort();
  }, [file.id]);
  if (!text) return null;
  if (file.mimetype !== 'text/csv') return <pre>{isLong ? text : text.slice(0, 600)}</pre>;
  const rows = parseCsv(text, isLong ? 200 : PREVIEW_ROWS + 1);
  return (
    <>
      <CsvTable rows={rows} />
      {!isLong && rows.length > PREVIEW_ROWS && (
        <button type="button" class="bare file-more" onClick={() => setLong(true)}>
          Show more rows
        </button>
      )}
    </>
  );
}

function CsvTable({ rows }: { rows: string[][] }) {
  const [head = [], ...body] = rows;
  const align = (column: number) => (body.every((row) => isNumber(row[column] ?? '')) ? 'align-right' : '');
  return (
    <div class="table-frame">
      <table>
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col" class={align(column)}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} class={align(column)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNumber(text: string): boolean {
  return text === '' || /^-?[\d.,]+$/.test(text);
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
