import { SlackRefusal } from '../errors.ts';
import { objectOf, textOf } from '../json.ts';
import type { Fields } from '../types.ts';
import { openView, publishHome, pushView, updateView } from '../views.ts';
import type { Methods } from './method.ts';

export const views: Methods = {
  'views.open': (core, args) => ({ view: openView(core, textOf(args, 'trigger_id'), viewOf(args)) }),
  'views.push': (core, args) => ({ view: pushView(core, textOf(args, 'trigger_id'), viewOf(args)) }),
  'views.publish': (core, args) => ({
    view: publishHome(core, textOf(args, 'user_id'), textOf(args, 'hash'), viewOf(args)),
  }),
  'views.update': (core, args) => {
    const [id, externalId] = [textOf(args, 'view_id'), textOf(args, 'external_id')];
    const which = { ...(id !== undefined && { id }), ...(externalId !== undefined && { externalId }) };
    return { view: updateView(core, which, textOf(args, 'hash'), viewOf(args)) };
  },
};

function viewOf(args: Fields): Fields {
  const view = objectOf(args, 'view');
  if (!view) throw new SlackRefusal('invalid_arguments', ['[ERROR] missing required field: view']);
  return view;
}
