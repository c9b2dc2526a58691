import type { SlackApp } from '../src/slack/app.ts';
import type { Deps } from '../src/slack/caller.ts';
import { registerBillingInformation } from './billing-information.ts';
import { registerCreditCampaigns } from './credit-campaigns.ts';
import { registerCredits } from './credits.ts';
import { registerEvents } from './events.ts';
import { registerGroupView } from './group/index.ts';
import { registerCreateGroup } from './group-create.ts';
import { registerGroupMenu } from './group-menu.ts';
import { registerGroups } from './groups.ts';
import { registerHome } from './home.ts';
import { registerImportOffer } from './import-offer.ts';
import { registerInvoice } from './invoice.ts';
import { registerInvoices } from './invoices.ts';
import { registerMembers } from './members.ts';
import { registerMove } from './move.ts';
import { registerMoveRequest } from './move-request.ts';
import { registerNotify } from './notify.ts';
import { registerPaymentMethods } from './payment-methods.ts';
import { registerCreateProject } from './project-create.ts';
import { registerProjects } from './projects.ts';
import { registerSetUp } from './set-up.ts';
import { registerSettings } from './settings.ts';

/** Listens to all that can be clicked, chosen, submitted and opened. */
export function registerViews(app: SlackApp, deps: Deps): void {
  registerGroups(app, deps);
  registerGroupView(app, deps);
  registerCreateGroup(app, deps);
  registerGroupMenu(app, deps);
  registerCreateProject(app, deps);
  registerProjects(app, deps);
  registerInvoices(app, deps);
  registerInvoice(app, deps);
  registerBillingInformation(app, deps);
  registerPaymentMethods(app, deps);
  registerCredits(app, deps);
  registerCreditCampaigns(app, deps);
  registerMove(app, deps);
  registerMoveRequest(app, deps);
  registerNotify(app, deps);
  registerEvents(app, deps);
  registerMembers(app, deps);
  registerSettings(app, deps);
  registerSetUp(app, deps);
  registerImportOffer(app, deps);
  registerHome(app, deps);
}
