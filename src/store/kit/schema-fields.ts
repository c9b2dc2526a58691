import mongoose from 'mongoose';

const { Decimal128 } = mongoose.Schema.Types;

/** Fields of stored documents. Those that begin with `maybe` are null if there is no value. */
export const text = { type: String, required: true } as const;
export const maybeText = { type: String, default: null } as const;
/** Can be empty, which a required text can't. */
export const anyText = { type: String, default: '' } as const;
export const instant = { type: Date, required: true } as const;
export const maybeInstant = { type: Date, default: null } as const;
export const money = { type: Decimal128, required: true } as const;
export const count = { type: Number, required: true } as const;
