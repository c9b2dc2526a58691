/** The buttons that open views other than a group's, wherever they are. Each value is a target with the account. */
export const EVENTS_OPEN = 'events.open';
export const MEMBERS_OPEN = 'members.open';
export const DRY_RUN_OPEN = 'dry_run.open';
export const RATE_OPEN = 'rate.open';
export const PREVIEW_OPEN = 'preview.open';
export const SETTINGS_OPEN = 'settings.open';
export const PAYMENT_LIST_OPEN = 'payment.list.open';
export const CREDIT_CAMPAIGNS_OPEN = 'credit.campaigns.open';
/** Shows what a project cost last month compared with the month before. The value is a target with account and project. */
export const PROJECT_COMPARE = 'project.compare';
/** Shows a project, or opens the form to move it. The value is a target with account and project. */
export const PROJECT_OPEN = 'project.open';
export const PROJECT_MOVE_OPEN = 'project.move.open';
/** Opens the form for a project's leads. The value is a target with account and project. */
export const PROJECT_LEADS_OPEN = 'project.leads.open';
/** Shows a move request. The value is a target with account and request. */
export const MOVE_VIEW = 'move.view';
/** The button that opens an invoice, wherever it is. */
export const INVOICE_VIEW = 'invoice.view';

/** Removes a question about a shared file. */
export const FILE_DISMISS = 'import.dismiss';
