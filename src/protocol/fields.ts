import * as z from 'zod';

import { mintedPattern, uuidPattern } from '../domain/ids.js';
import type { CorrelationId, Generation, InputId, QuestionId, Sequence } from '../domain/ids.js';

/** Says which domain type a schema's output is. Costs nothing: the schema already checks what its constructor does. */
const as = <T>(schema: z.ZodType<T extends string ? string : number>) => schema as unknown as z.ZodType<T>;
const uuid = z.string().regex(uuidPattern).toLowerCase();

/** An id that a backend minted (B2). */
export const mintedIdSchema = z.string().regex(mintedPattern);
export const questionIdSchema = as<QuestionId>(mintedIdSchema);
/** Read in both cases, kept in lower case. */
export const inputIdSchema = as<InputId>(uuid);
export const correlationIdSchema = as<CorrelationId>(uuid);
export const generationSchema = as<Generation>(z.int().min(1));
export const sequenceSchema = as<Sequence>(z.int().min(1));
/** RFC 3339, with any offset. */
export const timeSchema = z.iso.datetime({ offset: true });
