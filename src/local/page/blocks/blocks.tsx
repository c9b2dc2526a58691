import { pictureFileId } from '../../workspace/files/pictures.ts';
import { isFields, objectOf, objectsOf, textOf } from '../../workspace/json.ts';
import type { Block, Fields } from '../../workspace/types.ts';
import { useDesk, usePlace } from '../desk.ts';
import { fileUrl } from '../server.ts';
import { whoIn } from '../world.ts';
import { DataTable } from './data-table.tsx';
import { Element } from './elements.tsx';
import { RichText } from './rich-text.tsx';
import { Table } from './table.tsx';
import { Mrkdwn, TextObject } from './text.tsx';

/** Renders the blocks of a message, a modal or a Home tab. */
export function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return (
    <div class="blocks">
      {blocks.map((block) => (
        <BlockView key={block.block_id} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.type) {
    case 'header':
      return (
        <h3 class="block-header">
          <TextObject value={block.text} />
        </h3>
      );
    case 'section':
      return <Section block={block} />;
    case 'context':
      return <Context block={block} />;
    case 'actions':
      return (
        <div class="block-actions">
          {objectsOf(block, 'elements').map((element) => (
            <Element key={textOf(element, 'action_id')} block={block} element={element} />
          ))}
        </div>
      );
    case 'divider':
      return <hr />;
    case 'image':
      return <ImageBlock block={block} />;
    case 'input':
      return <InputBlock block={block} />;
    case 'rich_text':
      return <RichText block={block} />;
    case 'table':
      return <Table block={block} />;
    case 'data_table':
      return <DataTable block={block} />;
    case 'markdown':
      return (
        <div class="block-text">
          <Mrkdwn text={textOf(block, 'text') ?? ''} />
        </div>
      );
    default:
      return <p class="block-unknown">This page doesn’t support blocks of type “{block.type}”.</p>;
  }
}

function Section({ block }: { block: Block }) {
  const accessory = objectOf(block, 'accessory');
  const fields = objectsOf(block, 'fields');
  return (
    <div class="block-section">
      <div class="block-text">
        {isFields(block.text) && (
          <p>
            <TextObject value={block.text} />
          </p>
        )}
        {fields.length > 0 && (
          <div class="block-fields">
            {fields.map((field, index) => (
              <p key={index}>
                <TextObject value={field} />
              </p>
            ))}
          </div>
        )}
      </div>
      {accessory && (
        <div class="block-accessory">
          {accessory.type === 'image' ? <Picture image={accessory} /> : <Element block={block} element={accessory} />}
        </div>
      )}
    </div>
  );
}

function Context({ block }: { block: Block }) {
  return (
    <div class="block-context">
      {objectsOf(block, 'elements').map((element, index) =>
        element.type === 'image' ? (
          <Picture key={index} image={element} />
        ) : (
          <span key={index}>
            <TextObject value={element} />
          </span>
        ),
      )}
    </div>
  );
}

function ImageBlock({ block }: { block: Block }) {
  return (
    <figure class="block-image">
      {isFields(block.title) && (
        <figcaption>
          <TextObject value={block.title} />
        </figcaption>
      )}
      <Picture image={block} />
    </figure>
  );
}

function Picture({ image }: { image: Fields }) {
  const { world } = useDesk();
  const file = pictureFileId(image);
  if (file !== undefined) return <img src={fileUrl(whoIn(world), file)} alt={textOf(image, 'alt_text') ?? ''} />;
  const url = textOf(image, 'image_url') ?? '';
  const alt = textOf(image, 'alt_text') ?? '';
  return /^(https:|data:image\/)/.test(url) ? (
    <img src={url} alt={alt} loading="lazy" />
  ) : (
    <span class="no-image">{alt}</span>
  );
}

function InputBlock({ block }: { block: Block }) {
  const place = usePlace();
  const element = objectOf(block, 'element');
  const error = place.errors[block.block_id];
  if (!element) return null;
  const id = `field-${block.block_id}`;
  const isGroup = element.type === 'radio_buttons' || element.type === 'checkboxes';
  const label = (
    <>
      <TextObject value={block.label} />
      {block.optional === true && <span class="optional"> (optional)</span>}
    </>
  );
  const notes = (
    <>
      {isFields(block.hint) && (
        <p class="hint" id={`${id}-hint`}>
          <TextObject value={block.hint} />
        </p>
      )}
      {error !== undefined && (
        <p class="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </>
  );
  const field = <Element block={block} element={element} fieldId={id} />;
  if (isGroup) {
    return (
      <fieldset class={`block-input${error === undefined ? '' : ' has-error'}`}>
        <legend>{label}</legend>
        {field}
        {notes}
      </fieldset>
    );
  }
  return (
    <div class={`block-input${error === undefined ? '' : ' has-error'}`}>
      <label for={id}>{label}</label>
      {field}
      {notes}
    </div>
  );
}
