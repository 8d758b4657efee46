import * as z from 'zod/mini';
import { MAX_CURSOR_CHARACTERS } from '../contract/limits';

/** A cursor in a request. */
export const cursorText = (description: string) =>
  z.string().check(z.minLength(1), z.maxLength(MAX_CURSOR_CHARACTERS), z.meta({ description }));
