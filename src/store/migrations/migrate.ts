import mongoose from 'mongoose';
import { externalKeyOf, nameKey } from '../../billing/group/names.ts';
import { Accounts, Choices, Members } from '../accounts/accounts.ts';
import { HomeVisits } from '../accounts/home-visits.ts';
import { Pictures } from '../accounts/pictures.ts';
import { Secrets, Tokens } from '../accounts/tokens.ts';
import { ItemFailures } from '../background/item-failures.ts';
import { JobRuns } from '../background/job-runs.ts';
import { Costs, Loads } from '../costs/costs.ts';
import { Imports } from '../costs/imports.ts';
import { Rates } from '../costs/rates.ts';
import { Campaigns, Codes, Consumptions, Credits } from '../credits/credits.ts';
import { Events } from '../events/events.ts';
import { Budgets } from '../groups/budgets.ts';
import { Groups, Memberships, Projects } from '../groups/groups.ts';
import { Adjustments } from '../invoicing/adjustments.ts';
import { CreditMemoLines, CreditMemos } from '../invoicing/credit-memos.ts';
import { DocumentParts } from '../invoicing/documents.ts';
import { Invoices, InvoiceTrails, Lines } from '../invoicing/invoices.ts';
import { Once } from '../kit/done-once.ts';
import { Holds } from '../kit/holds.ts';
import { Leases } from '../kit/leases.ts';
import { DoneRequests } from '../kit/request-keys.ts';
import { isDuplicateKey } from '../kit/transaction.ts';
import { Moves, OpenMoves } from '../moves/moves.ts';
import { Mails } from '../notices/mails.ts';
import { SentMessages } from '../notices/sent-messages.ts';
import { Subscriptions, Threads } from '../notices/subscriptions.ts';
import { CardSetups } from '../settlement/card-setups.ts';
import { PaymentMethods } from '../settlement/payment-methods.ts';
import { Charges, Payments, Refunds } from '../settlement/payments.ts';

const MODELS = [
  Accounts,
  Members,
  Choices,
  Groups,
  Projects,
  Memberships,
  Loads,
  Costs,
  Invoices,
  Lines,
  InvoiceTrails,
  DocumentParts,
  Rates,
  Adjustments,
  Events,
  Imports,
  Leases,
  Subscriptions,
  Holds,
  HomeVisits,
  JobRuns,
  ItemFailures,
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
  Payments,
  Charges,
  Refunds,
  CreditMemos,
  CreditMemoLines,
  Mails,
  Once,
  DoneRequests,
  Pictures,
  Tokens,
  Secrets,
] as const;

/** Unique indexes of earlier versions that forbid what is allowed now, by collection. */
const OBSOLETE_INDEXES: Readonly<Record<string, readonly string[]>> = {
  // one import of a Slack file, whichever the account
  imports: ['import_of_slack_file'],
};

/**
 * Makes the collections and indexes that are missing, and drops the obsolete unique indexes listed above. It may run at
 * every start, in several processes at once. Any other index stays: dropping it is for a person to decide.
 */
export async function migrate(): Promise<void> {
  for (const model of MODELS) {
    await createCollection(model);
    await dropObsoleteIndexes(model);
    await model.createIndexes();
  }
  await addExternalKeys();
  await refoldNames();
  await touchOldEstimates();
}

/** Has estimates of earlier versions computed again: they don't say what their figures are made of. */
async function touchOldEstimates(): Promise<void> {
  const old = { state: 'estimate', touchedAt: null, breakdown: { $exists: false } } as const;
  await Invoices.updateMany(old, { $set: { touchedAt: new Date() }, $inc: { touches: 1 } });
}

/** Keys of names from before joiners were left out of them. Two that are the same now keep theirs. */
async function refoldNames(): Promise<void> {
  const old = { nameKey: { $regex: '\u200C|\u200D|\uFE0F|\u00AD|\u2800|\u3164' } };
  for (const model of [Accounts, Groups, Projects, Tokens] as const) {
    for (const { _id, name } of await model.collection.find<{ _id: never; name: string }>(old).toArray()) {
      try {
        await model.collection.updateOne({ _id }, { $set: { nameKey: nameKey(name) } });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }
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

/**
 * Gives projects of earlier versions the key by which their provider's ID is found in either case. Of two whose IDs
 * differ by case alone, the older one gets it: new costs of both go there.
 */
async function addExternalKeys(): Promise<void> {
  const without = Projects.find({ externalId: { $type: 'string' }, externalKey: { $exists: false } });
  for (const { _id, externalId } of await without.sort({ createdAt: 1, _id: 1 }).lean()) {
    if (externalId === null) continue;
    try {
      await Projects.updateOne({ _id }, { $set: { externalKey: externalKeyOf(externalId) } });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

async function dropObsoleteIndexes({ collection }: (typeof MODELS)[number]): Promise<void> {
  const obsolete = OBSOLETE_INDEXES[collection.collectionName] ?? [];
  if (obsolete.length === 0) return;
  const there = await collection.indexes();
  for (const { name } of there) {
    if (name === undefined || !obsolete.includes(name)) continue;
    await collection.dropIndex(name).catch((error: unknown) => {
      if (!isIndexGone(error)) throw error;
    });
  }
}

/** MongoDB's code 27, IndexNotFound: another process has dropped it. */
function isIndexGone(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === 27;
}
