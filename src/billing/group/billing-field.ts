import type { z } from 'zod';

/** What is stored of each kind of field. The kind also says how a form asks for it and how the Invoice API sends it. */
export interface StoredOf {
  /** One line of text. */
  readonly line: string;
  /** Text of several lines. */
  readonly text: string;
  /** ISO 3166-1 alpha-2, or empty. */
  readonly country: string;
  /** Lines of an address. */
  readonly lines: readonly string[];
  /** Email addresses. */
  readonly emails: readonly string[];
}

export type FieldKind = keyof StoredOf;

/**
 * How a document shows a field: under a label, like any other field; or at a place that the document's code has for it,
 * such as `Bill to` or a business term of EN 16931. Null: not at all.
 */
export type Shown = { readonly label: string } | { readonly place: string } | null;

/** A field of the billing information: all that forms, views, the Invoice API, documents and the event log go by. */
export interface BillingField {
  readonly kind: FieldKind;
  /** Stored information of earlier versions lacks it, and the Invoice API leaves it out while it is empty. New fields are. */
  readonly isOptional?: true;
  /** Characters, as people count them; of lists, of each item (domain.md, Entities). */
  readonly limit: number;
  /** Begins the sentence about a value that is too long. */
  readonly noun: string;
  /** Checks and cleans what was typed, where the kind's own check isn't enough. */
  readonly schema?: () => z.ZodType<string, string>;
  /** Its name in forms and their errors, where that isn't the stored name. Open forms have it, so it may not change. */
  readonly inputName?: string;
  /** Open invoices are taxed by it. */
  readonly isTaxed?: true;
  /** The form's label and hint. */
  readonly label: string;
  readonly hint?: string;
  /** The group view's label; fields with the same one share its row. */
  readonly viewLabel: string;
  /** As events name it. Stored with them, so it may never change. */
  readonly logName: string;
  /** In the Invoice API, and in the documents that are data; the descriptions are OpenAPI's. */
  readonly api: { readonly name: string; readonly description?: string };
  readonly documents: {
    /** The buyer of an invoice in the Invoice API. */
    readonly api: boolean;
    readonly json: boolean;
    /** A column of the invoices that have a value. */
    readonly csv: boolean;
    readonly pdf: Shown;
    readonly ubl: Shown;
  };
}
