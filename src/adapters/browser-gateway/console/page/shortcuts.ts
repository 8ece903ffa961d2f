/** What the keyboard does beside Tab and Enter. All with Alt: letters alone belong to who types. */
export const shortcuts = [
  { code: 'KeyN', keys: 'Alt+N', does: 'New Worker' },
  { code: 'ArrowUp', keys: 'Alt+ArrowUp', does: 'The Worker above in the list' },
  { code: 'ArrowDown', keys: 'Alt+ArrowDown', does: 'The Worker below in the list' },
  { code: 'KeyI', keys: 'Alt+I', does: 'The input field' },
  { code: 'KeyC', keys: 'Alt+C', does: 'Cancel the open input' },
  { code: 'KeyT', keys: 'Alt+T', does: 'The transcript' },
] as const;

export type ShortcutCode = (typeof shortcuts)[number]['code'];

/** What of a `KeyboardEvent` says which keys are down. */
interface Pressed {
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** By the place of the key, so that it is the same on every keyboard. */
export function shortcutOf({ code, altKey, ctrlKey, metaKey, shiftKey }: Pressed): ShortcutCode | undefined {
  if (!altKey || ctrlKey || metaKey || shiftKey) return undefined;
  return shortcuts.find((shortcut) => shortcut.code === code)?.code;
}
