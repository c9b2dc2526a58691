import mongoose from 'mongoose';
import { Accounts, Choices, Members } from '../accounts/accounts.ts';
import { HomeVisits } from '../accounts/home-visits.ts';
import { Pictures } from '../accounts/pictures.ts';
import { Secrets, Tokens } from '../accounts/tokens.ts';
import { Anomalies, AnomalyChecks } from '../anomalies/anomalies.ts';
import { ItemFailures } from '../background/item-failures.ts';
import { JobRuns } from '../background/job-runs.ts';
import { LoopTurns } from '../background/loop-turns.ts';
import { Costs, Loads } from '../costs/costs.ts';
import { CostDays } from '../costs/day-sums.ts';
import { Imports } from '../costs/imports.ts';
import { CostItems } from '../costs/item-sums.ts';
import { CostMappings } from '../costs/mappings/cost-mappings.ts';
import { Rates } from '../costs/rates.ts';
import { SharedFiles } from '../costs/shared-files.ts';
import { CostSums } from '../costs/stored-sums.ts';
import { ProjectTotals } from '../costs/totals/project-totals.ts';
import { Campaigns, Codes, Consumptions, Credits } from '../credits/credits.ts';
import { Events } from '../events/events.ts';
import { Budgets } from '../groups/budgets.ts';
import { Groups, Memberships, Projects } from '../groups/groups.ts';
import { LeadGroups } from '../groups/project-leads.ts';
import { Adjustments } from '../invoicing/adjustments.ts';
import { CreditMemoLines, CreditMemos } from '../invoicing/credit-memos.ts';
import { DocumentParts } from '../invoicing/documents.ts';
import { Invoices, InvoiceTrails, Lines } from '../invoicing/invoices.ts';
import { LineLeftovers } from '../invoicing/line-leftovers.ts';
import { Once } from '../kit/done-once.ts';
import { Holds } from '../kit/holds.ts';
import { KeyedRequests } from '../kit/keyed-requests.ts';
import { Leases } from '../kit/leases.ts';
import { DoneRequests } from '../kit/request-keys.ts';
import { Moves, OpenMoves } from '../moves/moves.ts';
import { CostReviews } from '../notices/cost-reviews.ts';
import { DigestSpans } from '../notices/digest-spans.ts';
import { Mails } from '../notices/mails.ts';
import { SentMessages } from '../notices/sent-messages.ts';
import { Subscriptions, Threads } from '../notices/subscriptions.ts';
import { BankLines } from '../settlement/bank-lines.ts';
import { CardSetups } from '../settlement/card-setups.ts';
import { PaymentMethods } from '../settlement/payment-methods.ts';
import { Charges, Payments, Refunds } from '../settlement/payments.ts';
import { Deliveries, Sources } from '../sources/sources.ts';
import { InstallStates } from '../workspaces/install-states.ts';
import { Installations } from '../workspaces/installations.ts';
import { People } from '../workspaces/people.ts';
import { SchemaVersions } from './schema-version.ts';

const MODELS = [
  Accounts,
  Members,
  Choices,
  Groups,
  Projects,
  Memberships,
  LeadGroups,
  Loads,
  Costs,
  CostSums,
  CostDays,
  CostItems,
  ProjectTotals,
  Invoices,
  Lines,
  LineLeftovers,
  InvoiceTrails,
  DocumentParts,
  Rates,
  Adjustments,
  Events,
  Imports,
  CostMappings,
  SharedFiles,
  Leases,
  Subscriptions,
  DigestSpans,
  Anomalies,
  AnomalyChecks,
  CostReviews,
  Holds,
  HomeVisits,
  JobRuns,
  ItemFailures,
  LoopTurns,
  Threads,
  SentMessages,
  PaymentMethods,
  Campaigns,
  Codes,
  Credits,
  Consumptions,
  Moves,
  OpenMoves,
  Budgets,
  CardSetups,
  BankLines,
  Payments,
  Charges,
  Refunds,
  CreditMemos,
  CreditMemoLines,
  Mails,
  Once,
  DoneRequests,
  KeyedRequests,
  Pictures,
  Tokens,
  Secrets,
  Installations,
  People,
  InstallStates,
  Sources,
  Deliveries,
  SchemaVersions,
] as const;

/** How many collections' indexes are checked in parallel. */
const LOOKS_AT_ONCE = 8;

/** Creates missing collections. Any number of processes may do this at once. */
export async function createCollections(): Promise<void> {
  const all = await mongoose.connection.listCollections();
  const there = new Set(all.map(({ name }) => name));
  for (const model of MODELS) if (!there.has(model.collection.collectionName)) await createCollection(model);
}

/**
 * Creates missing indexes. Any number of processes may do this at once. Indexes that no model defines any longer stay,
 * unless a migration drops them. Usually there is nothing to create, so it only checks, several collections at a time,
 * and a restarted process is quickly back at work.
 */
export async function createIndexes(): Promise<void> {
  for (let at = 0; at < MODELS.length; at += LOOKS_AT_ONCE) {
    const models = MODELS.slice(at, at + LOOKS_AT_ONCE);
    const lacking = await Promise.all(models.map(lacksIndexes));
    for (const [place, model] of models.entries()) if (lacking[place]) await model.createIndexes();
  }
}

/** Whether a model's index is missing or differs from the existing index with the same name. */
async function lacksIndexes(model: (typeof MODELS)[number]): Promise<boolean> {
  const wanted = model.schema.indexes();
  if (wanted.length === 0) return false;
  const there = new Map((await model.collection.indexes()).map(({ name, key }) => [name, JSON.stringify(key)]));
  return wanted.some(([key, { name }]) => there.get(name) !== JSON.stringify(key));
}

async function createCollection(model: (typeof MODELS)[number]): Promise<void> {
  try {
    await model.createCollection();
  } catch (error) {
    if (!isCollectionThere(error)) throw error;
  }
}

/** MongoDB's code 48, NamespaceExists. */
function isCollectionThere(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === 48;
}
