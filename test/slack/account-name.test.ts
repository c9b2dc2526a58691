import { describe, expect, it } from '@jest/globals';
import { nameDialogs, nameLike, nameMessage, nameModal } from '../../src/slack/blocks/account-name.ts';
import { actions, button, divider, modal, section } from '../../src/slack/blocks/blocks.ts';
import { checkBlocks, checkView } from '../../src/slack/limits/check-view.ts';

const NAME = 'R&D *Labs*';
const SHOWN = 'Account: *R&amp;D \uFF0ALabs\uFF0A*';

function dialogIn(blocks: ReturnType<typeof nameDialogs>) {
  const [block] = blocks;
  const [element] = block?.type === 'actions' ? block.elements : [];
  return element?.type === 'button' ? element.confirm : undefined;
}

const asking = (text: string) =>
  actions([button('End', 'end', { confirm: { title: 'End this entry?', text, confirm: 'End entry' } })]);

describe('the account’s name', () => {
  it('is above a message, and in its text', () => {
    const message = nameMessage({ text: 'Done.', blocks: [section('Done.')] }, NAME);
    expect(message).toMatchObject({ text: `${SHOWN}\nDone.`, blocks: [{ elements: [{ text: SHOWN }] }, {}] });
    expect(checkBlocks('message', message.blocks)).toEqual([]);
    expect(nameMessage({ text: 'Done.' }, NAME)).toEqual({ text: `${SHOWN}\nDone.` });
  });

  it('is in the first section of a message or modal that has no room for another block', () => {
    const message = nameMessage({ text: 'Many', blocks: [divider(), ...many(49)] }, NAME);
    expect(message.blocks?.[1]).toMatchObject({ text: { text: `${SHOWN}\nx` } });
    expect(checkBlocks('message', message.blocks)).toEqual([]);
    const view = nameModal(modal({ title: 'Many', blocks: many(100) }), NAME);
    expect(view.blocks[0]).toMatchObject({ text: { text: `${SHOWN}\nx` } });
    expect(checkView('modal', { ...view })).toEqual([]);
  });

  it('is in confirmation dialogs, in the title if the text leaves no room', () => {
    expect(dialogIn(nameDialogs([asking('It ends.')], NAME))?.text?.text).toBe(`It ends.\nAccount: ${NAME}`);
    const full = nameDialogs([asking('x'.repeat(300))], NAME);
    expect(dialogIn(full)?.title?.text).toBe(`End this entry? · ${NAME}`);
    expect(checkBlocks('message', full)).toEqual([]);
  });

  it('stays while a form is being carried out, without looking anything up', () => {
    const form = nameModal(modal({ title: 'Form', blocks: [section('x')] }), NAME);
    const next = modal({ title: 'Form', blocks: [section('Loading')] });
    expect(nameLike(next, form).blocks).toEqual([form.blocks[0], ...next.blocks]);
    expect(nameLike(next, next)).toEqual(next);
  });
});

function many(count: number) {
  return Array.from({ length: count }, () => section('x'));
}
