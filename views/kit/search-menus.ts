import { searchGroups, searchProjects } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onOptions } from '../../src/slack/app/listeners.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { foundChoice } from './choices.ts';
import { originFrom } from './form.ts';
import type { Origin } from './origin.ts';

/** Provides a form's menu with the billing groups of the form's account. */
export function onGroupMenu(app: SlackApp, deps: Deps, actionId: string): void {
  onOptions(app, actionId, async (request, { typed, view }) =>
    (await searchGroups(contextOf(deps, request), originFrom(view).account, typed)).map(foundChoice),
  );
}

/** Provides a form's menu with the projects of the form's account, limited to one group if `within` names it. */
export function onProjectMenu(
  app: SlackApp,
  deps: Deps,
  actionId: string,
  within: (origin: Origin, form: FormValues) => string | undefined = () => undefined,
): void {
  onOptions(app, actionId, async (request, { typed, view, form }) => {
    const origin = originFrom(view);
    const found = await searchProjects(
      contextOf(deps, request),
      origin.account,
      typed,
      within(origin, form) || undefined,
    );
    return found.map(foundChoice);
  });
}

/** The group chosen in a form, or else the one that it was opened for. */
export function groupChosen({ group }: Origin, form: FormValues): string {
  return typeof form.group === 'string' ? form.group : group;
}
