import type { PlanStep } from '../../../../../domain/observation/event.js';
import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { PlainText } from './plain-text.js';
import { denseWeight, useGradual } from './use-gradual.js';

interface PlanProps {
  readonly part: Extract<TranscriptPart, { readonly type: 'plan' }>;
}

/** As many steps as somebody looks at. */
const most = 100;
const numbers = new Intl.NumberFormat();

const states: Readonly<Record<PlanStep['status'], string>> = {
  pending: 'pending',
  'in-progress': 'in progress',
  completed: 'completed',
};

function Step({ step: { text, status, priority } }: { readonly step: PlanStep }) {
  return (
    <li data-status={status}>
      <span class="step-state">{states[status]}</span>{' '}
      <span class="step">
        <PlainText text={text} /> {priority === 'high' && <span class="priority">high priority</span>}
      </span>
    </li>
  );
}

/** What a Worker means to do, as it last said. */
export function Plan({ part: { steps } }: PlanProps) {
  const shown = useGradual(steps.slice(0, most), denseWeight);
  const completed = steps.filter(({ status }) => status === 'completed').length;
  const told = `${numbers.format(completed)} of ${numbers.format(steps.length)} steps completed`;
  return (
    <div class="plan">
      <p class="plan-head">
        <span class="label">Plan</span> {told}
      </p>
      <ol role="list" aria-label={`Plan, ${told}`}>
        {shown.map((step, index) => (
          <Step key={index} step={step} />
        ))}
      </ol>
      {steps.length > most && <p class="note">{numbers.format(steps.length - most)} more steps are not shown.</p>}
    </div>
  );
}
