import type { Refusal } from '../../../../../domain/outcome.js';
import { meaningOf } from '../words.js';
import { Correlation } from './correlation.js';

interface RefusalViewProps {
  readonly refusal: Refusal;
  readonly onDismiss?: (() => void) | undefined;
}

/** An answer that is no acceptance, in words and by its code. */
export function RefusalView({ refusal, onDismiss }: RefusalViewProps) {
  const code = 'code' in refusal ? refusal.code : refusal.outcome;
  const backendCode = 'backendCode' in refusal ? refusal.backendCode : undefined;
  return (
    <div role="alert" class="refusal">
      <p>
        <strong>{meaningOf(code)}.</strong>{' '}
        {refusal.outcome === 'errored' && refusal.executed === 'unknown' && 'It may have run. '}
        {refusal.outcome === 'unsupported' && <>Operation: {refusal.operation}. </>}
        {refusal.outcome === 'rejected' && refusal.limit !== undefined && <>The limit is {refusal.limit}. </>}
        <code>{code}</code> {backendCode !== undefined && <code>{backendCode}</code>}
      </p>
      {refusal.outcome === 'errored' && <Correlation id={refusal.correlationId} />}
      {onDismiss && (
        <button type="button" class="small dismiss" onClick={onDismiss}>
          Dismiss
        </button>
      )}
    </div>
  );
}
