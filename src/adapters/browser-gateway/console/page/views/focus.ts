import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** On a screen that is touched a focused field brings up a keyboard over half of it. */
const isTouched = (): boolean => matchMedia('(pointer: coarse)').matches;

/** The ids of what a key leads to. */
export const focusIds = { main: 'main', input: 'input', transcript: 'transcript', cancel: 'cancel' } as const;

export const focusOn = (id: keyof typeof focusIds): void => document.getElementById(focusIds[id])?.focus();

/** Focuses `field` once it is there; where the screen is touched, what stands for the place. */
export function useFirstFocus(field: RefObject<HTMLElement | null>, touchedId: string): void {
  useEffect(() => {
    const target = isTouched() ? document.getElementById(touchedId) : field.current;
    target?.focus({ preventScroll: true });
  }, []);
}
