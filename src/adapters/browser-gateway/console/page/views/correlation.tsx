import { useRef, useState } from 'preact/hooks';

/** The id under which the operator log tells the cause. */
export function Correlation({ id }: { readonly id: string }) {
  const code = useRef<HTMLElement>(null);
  const [did, setDid] = useState('');

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(id);
      setDid('Copied');
    } catch {
      // Pages that came over plain HTTP may not write to it.
      if (code.current) getSelection()?.selectAllChildren(code.current);
      setDid('Selected: copy it with the keyboard');
    }
  }

  return (
    <span class="correlation">
      Correlation id{' '}
      <code class="correlation-id" ref={code}>
        {id}
      </code>{' '}
      <button type="button" class="small" onClick={() => void copy()}>
        Copy
      </button>
      <span class="did" aria-live="polite">
        {did}
      </span>
    </span>
  );
}
