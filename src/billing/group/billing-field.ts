import type { z } from 'zod';

/**
 * What is stored for each kind of field. The kind also decides how a form asks for it and how the Invoice API sends it.
 */
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
 * How a document shows a field: under a label like any other field, or in a place defined by the document's code, such
 * as `Bill to` or a business term of EN 16931. Null if it isn't shown.
 */
export type Shown = { readonly label: string } | { readonly place: string } | null;

/**
 * A field of the billing information: everything forms, views, the Invoice API, documents and the event log need to
 * know about it.
 */
export interface BillingField {
  readonly kind: FieldKind;
  /**
   * Whether stored information of earlier versions can lack it and the Invoice API omits it while empty. True for new
   * fields.
   */
  readonly isOptional?: true;
  /** Maximum length in characters, as people count them; for lists, of each item (domain.md, Entities). */
  readonly limit: number;
  /** The start of the sentence about a value that is too long. */
  readonly noun: string;
  /** Checks and cleans the input where the kind's own check isn't enough. */
  readonly schema?: () => z.ZodType<string, string>;
  /**
   * Its name in forms and their errors, if it differs from the stored name. Open forms contain it, so it must not
   * change.
   */
  readonly inputName?: string;
  /** Whether it affects the tax of open invoices. */
  readonly isTaxed?: true;
  /** The form's label and hint. */
  readonly label: string;
  readonly hint?: string;
  /** The label in the group view. Fields with the same label share a row. */
  readonly viewLabel: string;
  /** The name in events. It is stored with them, so it must never change. */
  readonly logName: string;
  /** Its name in the Invoice API and in data documents. The descriptions are those of the OpenAPI document. */
  readonly api: { readonly name: string; readonly description?: string };
  readonly documents: {
    /** Whether the buyer of an invoice in the Invoice API has it. */
    readonly api: boolean;
    readonly json: boolean;
    /** Whether the CSV has a column for it, if the invoice has a value. */
    readonly csv: boolean;
    readonly pdf: Shown;
    readonly ubl: Shown;
  };
}
